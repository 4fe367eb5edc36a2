import ArgumentParser

/// Breaks a private fleet in every way for a while, and proves that its clients saw nothing that must not be.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caches-chaos",
        abstract: "Kills, freezes, partitions and restarts servers under load, and checks what clients saw.",
        subcommands: [RunCommand.self, MutationsCommand.self, ClientCommand.self],
        defaultSubcommand: RunCommand.self)
}

/// How long a call may take, what calls do while a node is out, and what they may then read.
struct CallOptions: ParsableArguments {
    @Option(help: "How many milliseconds a call may take.")
    var deadline = 500

    @Option(help: "What calls do while their node is out: gutter, fail or miss.")
    var policy = Policy.gutter

    @Option(
        help: ArgumentHelp(
            "A fault that the clients are given, which makes the check fail.", valueName: "name"))
    var mutation: Mutation?
}

/// A policy for nodes that are out, by its name.
enum Policy: String, ExpressibleByArgument, CaseIterable {
    case gutter, fail, miss
}
