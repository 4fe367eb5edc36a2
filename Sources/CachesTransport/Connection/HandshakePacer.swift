/// How many TLS handshakes a pool begins in a second, however many connections it has lost at once.
///
/// A handshake costs a millisecond of CPU on either side, as much as a thousand small commands: a fleet that
/// returns from a network failure must not be met by all its clients' handshakes in the same moment, nor must
/// a client's event loop do nothing else for a second.
///
/// Each pool has its own, and each cluster in it: servers that close connections as fast as they are opened,
/// or that let handshakes hang, take no turn from the servers of another.
///
/// A value without a clock: the generic cell rate algorithm (ITU-T I.371), which keeps one number.
struct HandshakePacer: Sendable {
    private let interval: Int64
    private let tolerance: Int64
    /// When the handshakes that were begun would have been over, had they come evenly.
    private var horizon: Int64 = 0

    /// - Parameters:
    ///   - perSecond: How many a second in the long run, from 1 to 1000.
    ///   - burst: How many at once after a pause.
    init(perSecond: Int64, burst: Int64) {
        interval = 1000 / perSecond
        tolerance = interval * (burst - 1)
    }

    /// How many milliseconds the next handshake has to wait. nil, and nothing is taken: its turn would come
    /// no sooner than `limit`.
    mutating func wait(now: Int64, atMost limit: Deadline) -> Int64? {
        let start = max(horizon, now)
        let wait = max(0, start - tolerance - now)
        guard wait == 0 || now + wait < limit.milliseconds else { return nil }
        horizon = start + interval
        return wait
    }
}
