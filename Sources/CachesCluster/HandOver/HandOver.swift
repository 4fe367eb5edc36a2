import CachesTransport

/// How keys get from their old servers to their new ones when a pool is reconfigured: what
/// ``CachePool/reconfigure(to:handOver:)`` is given.
///
/// It takes three stages, one after the other, in each process by its own clock:
///
/// 1. **Announced**, as long as ``notice``. Keys stay where they are, but every call looks whether some other
///    process has moved its key already.
/// 2. **Handing over**, as long as ``window``. The new servers are used. A key that is wanted for the first
///    time is fetched from its old server, with what is left of its ttl, and removed there.
/// 3. **Closing**, as long as ``notice`` again. Nothing is fetched any more, for processes that have ended
///    already.
///
/// What was not wanted within the window stays behind, and is a miss from then on. `cachesctl rebalance` moves
/// it.
public struct HandOver: Hashable, Sendable {
    /// By how much processes may differ in when they learn of the new configuration; also no shorter than the
    /// longest call. 0 or more. Default 10 s: a rolling notice to a large fleet takes some seconds, and a call one.
    public var notice = Duration.seconds(10)

    /// How long old servers are asked for keys. 0 or more. Default 10 min: what was not asked for in that time is
    /// not what a cache's hit rate is made of.
    public var window = Duration.seconds(600)

    /// A hand-over with the default times.
    public init() {}

    /// A hand-over with other times.
    public init(notice: Duration, window: Duration) {
        self.notice = notice
        self.window = window
    }

    /// A part of the hand-over.
    public enum Stage: String, CaseIterable, Hashable, Sendable {
        case announced
        case handingOver = "handing over"
        case closing
    }

    /// How long a stage takes.
    func length(of stage: Stage) -> Duration { stage == .handingOver ? window : notice }

    /// How long it takes in all.
    var length: Duration { notice + window + notice }

    /// Throws if it has a time that can't be.
    func check() throws(CachesError) {
        for (name, time) in [("notice", notice), ("window", window)]
        where time < .zero || time > .seconds(30 * 24 * 3600) {
            throw CachesError(
                .invalidArgument, "A hand-over can't have a \(name) of \(time).",
                advice: "Give it from 0 s to 30 days.")
        }
    }
}

extension HandOver {
    /// How a hand-over is getting on: ``CachePool/handOver``.
    public struct Status: Hashable, Sendable {
        /// Where it is.
        public let stage: Stage

        /// The fingerprint of the configuration before it.
        public let from: String

        /// The fingerprint of the configuration after it.
        public let to: String

        /// How many keys this process has moved, with their values.
        public let moved: Int

        /// How many keys had nothing at their old server.
        public let absent: Int

        /// How many keys had to be given up, because the old server could not be asked in time or the new one
        /// does not understand its format. They are misses.
        public let lost: Int
    }
}
