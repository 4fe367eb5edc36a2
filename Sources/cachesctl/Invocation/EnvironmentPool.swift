import CachesCluster
import CachesTerminal
import CachesTransport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The pool that the environment names, for commands that look at its servers, and where they print to.
struct EnvironmentPool {
    let console: Console
    let configuration: PoolConfiguration
    let pool: CachePool

    /// Makes the pool, and finds out which servers its clusters have.
    ///
    /// A cluster of which no server answers, or that is none, is no failure here: a server that the DSN names is then
    /// looked at, and has it in its report.
    /// - Throws: ``Failure``, after the error was printed, if the environment is wrong.
    init(_ output: OutputOptions) async throws {
        let environment = ProcessInfo.processInfo.environment
        console = Console.standardOutput(output.color, environment: environment)
        do {
            configuration = try PoolConfiguration(forToolBy: environment)
            pool = try CachePool(configuration, logger: .silent)
            _ = try await pool.discoverNodes(connection: .sharded, deadline: nil)
        } catch {
            throw Failure.report(error, on: .standardError(output.color, environment: environment))
        }
    }
}

extension PoolConfiguration {
    /// The environment's, for a tool: nothing stands in for a server that is out, and nothing is left on the others for
    /// its sake.
    init(forToolBy environment: [String: String]) throws(CachesError) {
        try self.init(environment: environment)
        outagePolicy = .fail
    }
}
