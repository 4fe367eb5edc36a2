import ArgumentParser
import Caches
import CachesTerminal
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The options of every command that works on keys.
struct KeyOptions: ParsableArguments {
    @Option(
        name: .customLong("on"),
        help: ArgumentHelp(
            "The server or the group that the keys are on. Default: all servers, each key on the one that owns it.",
            valueName: "name"))
    var connection: ConnectionName?

    @OptionGroup var output: OutputOptions

    /// Runs a command's work on the configured servers, then closes the connections.
    ///
    /// A failure is printed on standard error and becomes the exit code. If the reader of the output goes
    /// away (EPIPE), the work ends; that is not a failure.
    func run(_ work: (KeySession) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        let errors = Console.standardError(output.color, environment: environment)
        outliveReaders()
        do {
            let session = KeySession(
                pool: try CachePool(PoolConfiguration(forToolBy: environment), logger: .silent),
                connection: connection ?? .sharded,
                output: .standardOutput(output.color, environment: environment), errors: errors)
            // An unknown name is wrong whatever the keys are.
            _ = try session.pool.nodes(connection: session.connection)
            do {
                try await work(session)
                await session.pool.close()
            } catch {
                await session.pool.close()
                throw error
            }
        } catch is ClosedOutput {
        } catch let code as ExitCode {
            throw code
        } catch {
            throw Failure.report(error, on: errors)
        }
    }
}

/// The keys that a command works on, in full.
struct KeyArguments: ParsableArguments {
    @Argument(help: "The keys, in full as the servers have them.")
    var key: [String]

    func validate() throws { try Self.check(key) }

    /// Throws if a key is empty.
    static func check(_ keys: [String]) throws {
        guard keys.allSatisfy({ !$0.isEmpty }) else { throw ValidationError("A key can't be empty.") }
    }
}
