import Caches

/// What the cache classes below have to know of the run that they serve.
struct DemoRun: Sendable {
    /// The prefix of every key.
    var prefix: String

    /// The connection that ``PinnedCache`` is bound to.
    var pinned: ConnectionName

    @TaskLocal static var current = DemoRun(prefix: "caches-demo", pinned: .sharded)
}

/// The demo's keys, over all nodes. It expires by itself should nobody live to remove it.
final class DemoCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { DemoRun.current.prefix }
    override class var ttl: TTL { .hours(1) }
}

/// Keys that live on one node by its name.
final class PinnedCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { DemoRun.current.prefix }
    override class var ttl: TTL { .hours(1) }
    override class var connection: ConnectionName { DemoRun.current.pinned }
}
