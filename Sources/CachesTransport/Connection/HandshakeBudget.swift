/// The TLS handshakes of those who share a ``HandshakePacer``: the servers of a pool, or of one cluster in
/// it.
package final class HandshakeBudget: Sendable {
    /// The budget of connections outside any pool.
    package static let unpooled = HandshakeBudget()

    /// 100 a second are a tenth of a core; the burst lets a pool of 100 nodes, the most that one is made for,
    /// connect without waiting.
    private let pacer = Locked(HandshakePacer(perSecond: 100, burst: 100))

    package init() {}

    /// As ``HandshakePacer/wait(now:atMost:)``, now.
    func wait(atMost limit: Deadline) -> Int64? {
        pacer.withLock { $0.wait(now: MonotonicClock.milliseconds, atMost: limit) }
    }
}
