import ArgumentParser

/// Breaks a private fleet in every way for a while, and checks that its clients saw nothing forbidden.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caches-chaos",
        abstract: "Kills, freezes, partitions and restarts servers under load, and checks what clients saw.",
        subcommands: [RunCommand.self, MutationsCommand.self, ClientCommand.self],
        defaultSubcommand: RunCommand.self)
}
