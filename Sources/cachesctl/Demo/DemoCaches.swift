import Caches

/// The settings of a run that the cache classes below need.
struct DemoRun: Sendable {
    /// The prefix of every key.
    var prefix: String

    /// The connection that ``PinnedCache`` is bound to.
    var pinned: ConnectionName

    @TaskLocal static var current = DemoRun(prefix: "caches-demo", pinned: .sharded)
}

/// The demo's keys, over all nodes. They expire if the process ends before it removes them.
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
