import ArgumentParser

/// Feeds lies to every operation of the library and to every command of the tool, and judges the outcome.
@main
struct Fuzz: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caches-fuzz",
        abstract: "Answers every operation and every command of the tool with lies.",
        subcommands: [RepliesCommand.self, WorkerCommand.self])
}
