internal import CachesTransport

/// Why no connection can be opened, where the reason lies with this process or its surroundings and not with the
/// server.
///
/// The server's health is what it was: nothing has been heard of it. But calls must not spend their deadlines on a name
/// service that is out, one after the other. So until a connection has opened they fail at once with the reason, and one
/// of them begins to open a connection again each time that a pause is over.
///
/// A value without a clock.
struct Hindrance: Sendable {
    /// What went wrong last.
    let reason: CachesError

    /// How often in a row.
    let failures: Int

    /// When it may be tried again.
    let until: ContinuousClock.Instant

    /// Follows `former`, if that is still there.
    init(
        _ reason: CachesError, after former: Hindrance?, _ backoff: Backoff, jitter: Double,
        now: ContinuousClock.Instant
    ) {
        self.reason = reason
        failures = (former?.failures ?? 0) + 1
        until = now + backoff.delay(after: failures, jitter: jitter)
    }

    /// What calls are told.
    var error: CachesError {
        var error = reason
        error.wasNotSent = true
        return error
    }
}
