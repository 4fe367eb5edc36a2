import ArgumentParser
import CachesTerminal

/// The options of every command that prints.
struct OutputOptions: ParsableArguments {
    @Option(help: "When to colour: auto is on a terminal, unless NO_COLOR is set or TERM is dumb.")
    var color = ColorChoice.auto
}
