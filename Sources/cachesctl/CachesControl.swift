import ArgumentParser
import CachesTerminal
import Synchronization

/// The command-line tool.
@main
struct CachesControl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cachesctl",
        abstract: "Looks at, and tries out, a fleet of Redis or Valkey servers.",
        discussion: """
            \(HelpText.environment)

            EXAMPLES:
              cachesctl ping                 how every configured server is doing
              cachesctl ping --json | jq     the same for a program
              cachesctl doctor               whether each is set up as a cache should be
              cachesctl explain user.42      where a key lives, its type and its size
              cachesctl clear 'user.*'       every key of a prefix, on all servers
              cachesctl balance              each server's share of the keys
              cachesctl demo                 the whole library at work on a private fleet
            """,
        version: version,
        subcommands: [PingCommand.self, DoctorCommand.self, DemoCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Keys",
                subcommands: [
                    GetCommand.self, SetCommand.self, DelCommand.self, TTLCommand.self, ScanCommand.self,
                    ClearCommand.self, ExplainCommand.self,
                ]),
            CommandGroup(
                name: "Placement",
                subcommands: [WhereCommand.self, BalanceCommand.self, RebalanceCommand.self]),
        ])

    static func main() async {
        await main(nil)
        // A command that failed has ended the program, with its own code.
        guard let failure = Console.outputFailure.withLock({ $0 }) else { return }
        exit(withError: Failure.report(failure, on: .standardError(.never, environment: [:])))
    }

    /// Refuses arguments that are not UTF-8: each wrong byte has become U+FFFD by the time a command sees it.
    func validate() throws {
        let arguments = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        for (index, argument) in arguments.enumerated() {
            guard let argument, String(validatingCString: argument) == nil else { continue }
            throw ValidationError(
                "Argument \(index) is not UTF-8 text. "
                    + "Standard input takes a value of any bytes: cachesctl set KEY - < FILE")
        }
    }
}
