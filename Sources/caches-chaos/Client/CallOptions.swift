import ArgumentParser

/// How long a call may take, what calls do while a node is out, and what they may then read.
struct CallOptions: ParsableArguments {
    @Option(help: "How many milliseconds a call may take.")
    var deadline = 500

    @Option(help: "What calls do while their node is out: gutter, fail or miss.")
    var policy = Policy.gutter

    @Option(
        help: ArgumentHelp(
            "A fault to give the clients, which makes the check fail.", valueName: "name"))
    var mutation: Mutation?
}

/// A policy for nodes that are out, by its name.
enum Policy: String, ExpressibleByArgument, CaseIterable {
    case gutter, fail, miss
}
