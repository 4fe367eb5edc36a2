import ArgumentParser
import Synchronization

/// The command-line tool.
@main
struct CachesControl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cachesctl",
        abstract: "Looks at, and tries out, a fleet of Redis or Valkey servers.",
        discussion: """
            \(environmentHelp)

            EXAMPLES:
              cachesctl ping                 how every configured server is doing
              cachesctl ping --json | jq     the same for a program
              cachesctl doctor               whether each is set up as a cache should be
              cachesctl explain user.42      where a key lives, and what is known of it
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

    /// Refuses arguments that are no text, in which each wrong byte has become U+FFFD by the time a command sees it.
    func validate() throws {
        let arguments = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        for (index, argument) in arguments.enumerated() {
            guard let argument, String(validatingCString: argument) == nil else { continue }
            throw ValidationError(
                "Argument \(index) is no UTF-8 text. "
                    + "A value of any bytes is read from standard input: cachesctl set KEY - < FILE")
        }
    }

    /// The variables that the tool and the library read, for every command's help.
    static let environmentHelp = """
        ENVIRONMENT:
          CACHES_DSN, CACHES_DSN_1, CACHES_DSN_2, …
            The servers, one a variable, gaps allowed. Forms of a DSN:
            redis://[[user:]password@]host[:port][/database][?options][#name]
            rediss://…                             the same over TLS
            redis+unix:///path/to/socket[?options][#name]
            redis+cluster://host,host[#name]       some servers of a cluster
            redis+sentinel://host,host/primary/0   Sentinels of a primary
          CACHES_POOL
            Options of the whole pool, such as deadline=500ms.
          NO_COLOR
            Set to anything: no colour, unless --color always.
        """
}
