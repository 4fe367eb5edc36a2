import CachesCluster
import CachesTerminal
import CachesTransport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The pool that the environment names, for commands that look at its servers, and the console they print to.
struct EnvironmentPool {
    let console: Console
    let configuration: PoolConfiguration
    let pool: CachePool

    /// Makes the pool, and finds out which servers its clusters have.
    ///
    /// It doesn't fail if no server of a cluster answers, or if the servers are not a cluster: the pool then
    /// has a server that the DSN names, whose report shows the fault.
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
    /// Reads the environment for a tool: no server stands in for one that is out, and nothing is noted for it
    /// on the others.
    init(forToolBy environment: [String: String]) throws(CachesError) {
        try self.init(environment: environment)
        outagePolicy = .fail
    }
}
