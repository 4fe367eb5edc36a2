private import CachesPlatform

/// The moment by which a call has to have ended.
///
/// A deadline is set once, where a call begins, and handed down unchanged: a retry or a second node does not
/// get the time again. Its resolution is that of the system's coarse monotonic clock, 1 to 10 milliseconds,
/// which costs a few nanoseconds to read. It does not advance while the machine sleeps.
public struct Deadline: Hashable, Sendable, Comparable {
    /// Milliseconds on the monotonic clock.
    let milliseconds: Int64

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// A deadline `duration` from now. Durations under a millisecond count as one.
    public static func after(_ duration: Duration) -> Deadline {
        .after(milliseconds: duration.wholeMilliseconds)
    }

    /// A deadline so many milliseconds from now: for callers that set the same one for each call, since
    /// converting a `Duration` to milliseconds takes divisions of 128 bits.
    package static func after(milliseconds: Int64) -> Deadline {
        let (sum, overflow) = MonotonicClock.milliseconds.addingReportingOverflow(milliseconds)
        return Deadline(milliseconds: overflow ? .max : sum)
    }

    /// A deadline that never passes.
    public static let never = Deadline(milliseconds: .max)

    /// How long is left, zero if it has passed.
    public var remaining: Duration {
        guard self != .never else { return .seconds(Int64.max / 1_000_000) }
        return .milliseconds(max(0, milliseconds - MonotonicClock.milliseconds))
    }

    /// Whether it has passed.
    public var hasPassed: Bool { milliseconds <= MonotonicClock.milliseconds }

    public static func < (left: Deadline, right: Deadline) -> Bool { left.milliseconds < right.milliseconds }
}

/// The coarse monotonic clock that deadlines, timers and back-off share.
enum MonotonicClock {
    /// As of the kernel's last tick: at most 10 ms ago, 4 ms on most systems.
    static var milliseconds: Int64 {
        #if os(Linux)
            read(CLOCK_MONOTONIC_COARSE)
        #else
            read(CLOCK_MONOTONIC)
        #endif
    }

    /// The same clock to the millisecond, for the loop, which reads it once a turn and not once a command.
    static var preciseMilliseconds: Int64 { read(CLOCK_MONOTONIC) }

    /// The same clock to the microsecond, for taking turns.
    static var preciseMicroseconds: Int64 { read(CLOCK_MONOTONIC, unitsPerSecond: 1_000_000) }

    @inline(__always)
    private static func read(_ clock: clockid_t, unitsPerSecond: Int64 = 1000) -> Int64 {
        var time = timespec()
        unsafe _ = clock_gettime(clock, &time)
        return Int64(time.tv_sec) * unitsPerSecond + Int64(time.tv_nsec) / (1_000_000_000 / unitsPerSecond)
    }
}

extension Duration {
    /// The duration in milliseconds, rounded up, at least 1 and saturating.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < Int64.max / 2000 else { return .max / 2 }
        guard seconds >= 0, attoseconds >= 0 else { return 1 }
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(1, seconds * 1000 + fraction)
    }
}
