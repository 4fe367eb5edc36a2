/// How long a sign of life is waited for on a connection that is busy with something else.
///
/// A server answers in the order in which it was asked. A `PING` behind a value of 30 MB comes to its turn
/// when the value is through, and over 10 MB/s that takes three seconds. So a missing answer is not silence:
/// silence means that nothing moves. Each time that the patience is over, the vigil looks whether
///
/// - a call that is ahead was answered: the server works, one command after the other; or
/// - bytes went either way, at ``bytesPerSecond`` or more. Less does not count: two bytes a second keep a
///   connection from looking dead, and serve nobody.
///
/// Bytes that the peer's system has acknowledged count as gone; bytes that this one's has buffered don't.
/// Behind it there may be other buffers that can't be seen, of a proxy say: they hold no more than was sent,
/// and empty about as fast as they were filled. So after the last byte moved, the answer has as much time as
/// the bytes took, up to `limit`.
///
/// A value without a clock and a connection.
struct Vigil: Sendable {
    /// The bytes a second that have to move, in both directions together. 16 KiB are a dozen full packets: a
    /// link that carries less is of no use to a cache, and every link that is of use carries a hundred times
    /// as much.
    static let bytesPerSecond: Int64 = 16 << 10

    /// A day, in milliseconds.
    private static let maximumPatience: Int64 = 86_400_000

    /// The number of the call that asks.
    let call: Int

    private let patience: Int64
    private let limit: Int64
    private var began: Int64
    private var lastMoved: Int64
    private var due: Int64
    /// How many calls were ahead, and bytes not acknowledged, when it looked last.
    private var ahead: Int
    private var unsent: Int?
    /// Bytes that moved since.
    private var bytes = 0
    private var hasLooked = false

    /// Whether enough had moved when it looked last.
    private(set) var hasMoved = false

    /// - Parameters:
    ///   - ahead: How many calls will be answered before.
    ///   - patience: How long nothing may move, in milliseconds.
    ///   - limit: The most that is waited for after bytes have moved, in milliseconds.
    init(over call: Int, ahead: Int, now: Int64, patience: Int64, limit: Int64) {
        (self.call, self.ahead, self.limit) = (call, ahead, limit)
        self.patience = min(max(1, patience), Self.maximumPatience)
        // The first look, at once, only takes down how things stand.
        (began, lastMoved, due) = (now, now, now)
    }

    /// The connection has opened only now.
    mutating func begin(now: Int64) { (began, lastMoved, due) = (now, now, now) }

    /// So many bytes of a reply came, or of a command went.
    mutating func moved(_ count: Int) { bytes += count }

    /// Whether it is time to look.
    func isDue(now: Int64) -> Bool { now >= due }

    /// Looks whether anything has moved.
    ///
    /// - Parameters:
    ///   - ahead: How many calls will be answered before.
    ///   - unsent: How many bytes the peer's system has not acknowledged; nil: not known.
    /// - Returns: Whether nothing has, for so long that the answer is not waited for any more.
    mutating func isSilent(now: Int64, ahead: Int, unsent: Int?) -> Bool {
        if let before = self.unsent, let unsent { bytes += max(0, before - unsent) }
        let enough = Int64(bytes).multipliedReportingOverflow(by: 1000)
        hasMoved =
            hasLooked
            && (ahead < self.ahead || enough.overflow
                || enough.partialValue >= patience * Self.bytesPerSecond)
        if hasMoved { lastMoved = now }
        (self.ahead, self.unsent, bytes, hasLooked) = (ahead, unsent, 0, true)
        due = now + patience
        return now - lastMoved >= max(patience, min(lastMoved - began, limit))
    }
}
