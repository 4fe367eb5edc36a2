import Caches
import Hummingbird
import NIOCore
import NIOSSL

struct User: Codable, Sendable { var name: String }

final class UserCache: Cache<User>, @unchecked Sendable {
    override class var ttl: TTL { .minutes(5) }
    override class var outagePolicy: OutagePolicy? { .gutter(ttl: .seconds(5)) }
}

/// A service that caches: each framework's words, as its documentation writes them.
@main
struct SideBySide {
    static func main() async throws {
        var configuration = try PoolConfiguration(dsns: ["redis://127.0.0.1#users"])
        configuration.nodes[0].connection.tls = ConnectionConfiguration.TLS()
        let pool = try CachePool(configuration)

        let router = Router()
        router.get("user/:id") { _, context in
            let id = try context.parameters.require("id", as: Int.self)
            do {
                return try await UserCache(id, on: pool).get()?.name ?? "stranger"
            } catch let error as CachesError where error.isOutage {
                throw HTTPError(.serviceUnavailable, message: error.message)
            }
        }
        print(
            Application(router: router).configuration.serverName ?? "none", try clientTLS(), everyName.count,
            pool.handOver as Any)
        await pool.close(deadline: Deadline.after(.seconds(1)))
    }

    /// SwiftNIO's types, not ours.
    static func clientTLS() throws -> TLSConfiguration { TLSConfiguration.makeClientConfiguration() }
    static func hop(to loop: any EventLoop) -> EventLoopFuture<Void> { loop.makeSucceededVoidFuture() }
    static func serial(of certificate: NIOSSLCertificate) -> [UInt8] { certificate.serialNumber }

    /// The names that `import Caches` brings of the floors below.
    static let everyName: [Any.Type] = [
        AddressMap.self, Bytes.self, CachePool.self, CachesError.self, ClearProgress.self, ClearReport.self,
        ConnectionConfiguration.self, ConnectionName.self, Credentials.self, CredentialsProvider.self,
        Deadline.self, Deployment.self, Endpoint.self, Glob.self, HandOver.self, HealthConfiguration.self,
        KeyExplanation.self, KeySequence.self, Node.self, NodeConfiguration.self, NodeCounters.self,
        NodeEvent.self, NodeFailures.self, NodeHealth.self, OutagePolicy.self, PlacementRule.self,
        PoolConfiguration.self, RebalanceReport.self, Reply.self, ReplyArray.self, Secret.self,
        SentinelConfiguration.self, ServerError.self, TimeLeft.self,
        // And its own names.
        BatchResult<Int>.self, (any CacheCoder).self, CacheEntry.self, CacheKey.self, Cache<Int>.self,
        DictCache<Int, Int>.self, HeldLock.self, (any KeyPart).self, KeyStyle.self, LockCache.self,
        MergePolicy.self,
        Payload.self, RateLimitCache.self, ReadPreference.self, SentinelCache.self, SetCache<Int>.self,
        SortedSetCache<Int>.self, StandardCoder.self, TTL.self,
    ]
}
