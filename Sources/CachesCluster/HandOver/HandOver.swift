import CachesTransport

/// How keys get from their old servers to their new ones when a pool is reconfigured: an argument of
/// ``CachePool/reconfigure(to:handOver:)``.
///
/// It takes three stages, one after the other, in each process by its own clock:
///
/// 1. **Announced**, as long as ``notice``. Keys stay where they are, but every call checks whether another
///    process has moved its key already.
/// 2. **Handing over**, as long as ``window``. The new servers are used. When a key is first wanted, it is
///    fetched from its old server with its remaining ttl, and removed there.
/// 3. **Closing**, as long as ``notice`` again. Nothing is fetched any more, for the sake of processes that
///    have ended already.
///
/// Keys that nobody wanted within the window stay behind, and are misses from then on. `cachesctl rebalance`
/// moves them.
public struct HandOver: Hashable, Sendable {
    /// By how much processes may differ in when they learn of the new configuration; also no shorter than the
    /// longest call. 0 or more. Default 10 s: a rolling notice to a large fleet takes some seconds, and a
    /// call takes one.
    public var notice = Duration.seconds(10)

    /// How long old servers are asked for keys. 0 or more. Default 10 min: keys that nobody asks for in that
    /// time contribute little to a cache's hit rate.
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

    /// The length of all stages together.
    var length: Duration { notice + window + notice }

    /// Throws if a time is out of range.
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
    /// The progress of a hand-over: ``CachePool/handOver``.
    public struct Status: Hashable, Sendable {
        /// The current stage.
        public let stage: Stage

        /// The fingerprint of the configuration before it.
        public let from: String

        /// The fingerprint of the configuration after it.
        public let to: String

        /// How many keys this process has moved, with their values.
        public let moved: Int

        /// How many keys had nothing at their old server.
        public let absent: Int

        /// How many keys were given up because the old server could not be asked in time or the new one does
        /// not understand its format. They are misses.
        public let lost: Int
    }
}
