import ArgumentParser
import CachesTerminal

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `cachesctl demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the library at work: fill, spread, read back, outage, return.",
        discussion: """
            If CACHES_DSN or CACHES_DSN_<n> is set, the demo works on those servers. It never stops them. It \
            writes under a prefix that is unique to the run, and removes all of these keys at the end, also after \
            a failure or Ctrl-C.

            Otherwise it starts three private servers (plain, TLS and unix socket) for as long as it runs, and \
            also stops one of them and starts it again.

            The exit code is 0 only if every value was read back right. Unless it was interrupted or could not \
            begin, the last line has the form
            demo: N keys on M nodes, W wrong, G gets/s, p99 X µs
            also if a server is down: a value that was never read back counts as wrong.

            \(HelpText.environment)

            EXAMPLES:
              cachesctl demo
              cachesctl demo --keys 1000000 --tasks 256
              CACHES_DSN=redis://localhost/15 cachesctl demo --keys 1000 | tail -1
            """)

    @Option(help: "How many keys to write and read.")
    var keys = 100_000

    @Option(help: "The size of each value, in bytes.")
    var valueBytes = 64

    @Option(help: "How many tasks share the work.")
    var tasks = 64

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000_000).contains(keys) else { throw ValidationError("--keys takes 1 to 10000000.") }
        guard (1...1_048_576).contains(valueBytes) else {
            throw ValidationError("--value-bytes takes 1 to 1048576.")
        }
        guard (1...4096).contains(tasks) else { throw ValidationError("--tasks takes 1 to 4096.") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console.standardOutput(output.color, environment: environment)
        let errors = Console.standardError(output.color, environment: environment)
        let workload = DemoWorkload(keys: keys, valueBytes: valueBytes, tasks: tasks)
        do {
            let summary = try await Interruption.cancelling {
                try await Demo.run(workload, environment: environment, on: Stage(console))
            }
            var code = summary.wrong == 0 ? nil : Failure.negative
            if let failure = summary.failure {
                console.settle()
                code = Failure.report(failure, on: errors)
            }
            console.line()
            console.line(summary.text)
            if let code { throw code }
        } catch let interruption as Interruption {
            console.settle()
            errors.line("interrupted")
            throw Failure.signal(interruption.number)
        } catch let code as ExitCode {
            throw code
        } catch {
            console.settle()
            throw Failure.report(error, on: errors)
        }
    }
}
