import CachesCluster
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
    /// A cluster of which no server answers is no failure here: the servers that the DSN names are then looked at.
    /// - Throws: ``Failure``, after the error was printed, if the environment is wrong or a cluster is none.
    init(_ output: OutputOptions) async throws {
        let environment = ProcessInfo.processInfo.environment
        console = Console.standardOutput(output.color, environment: environment)
        do {
            configuration = try PoolConfiguration(environment: environment)
            pool = try CachePool(configuration, logger: .silent)
            let (_, failures) = try await pool.discoverNodes(on: .sharded, deadline: nil)
            if let wrong = failures.first(where: { $0.code == .configuration }) { throw wrong }
        } catch {
            throw Failure.report(error, on: .standardError(output.color, environment: environment))
        }
    }
}
