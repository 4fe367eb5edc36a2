import CachesTerminal
import CachesTransport

/// The outcomes of reading or writing many keys.
struct Tally: Tallying {
    /// Answered, and as expected.
    var right = 0
    /// Answered with another value than was written, or with a value where there should be nothing.
    var wrong = 0
    /// Answered that there is no such key.
    var missing = 0
    /// The call threw.
    var failed = 0
    /// The first error thrown.
    var firstError: CachesError?

    /// How long the answered calls took.
    var latencies = Latencies()
    /// How long the calls that threw took.
    var failureLatencies = Latencies()

    /// Makes one call and counts it by its result: right if `isRight` says so, missing if it is nil.
    mutating func count<Value>(
        _ call: () async throws -> Value?, isRight: (Value) -> Bool
    ) async throws {
        let start = ContinuousClock.now
        do {
            let value = try await call()
            latencies.record(ContinuousClock.now - start)
            guard let value else { return missing += 1 }
            if isRight(value) { right += 1 } else { wrong += 1 }
        } catch let error as CachesError {
            failureLatencies.record(ContinuousClock.now - start)
            failed += 1
            firstError = firstError ?? error
        }
    }

    /// Every answer but the right one.
    var notRight: Int { wrong + missing + failed }

    mutating func add(_ other: Tally) {
        right += other.right
        wrong += other.wrong
        missing += other.missing
        failed += other.failed
        firstError = firstError ?? other.firstError
        latencies.add(other.latencies)
        failureLatencies.add(other.failureLatencies)
    }
}

/// The outcomes of many calls, and how long they took together.
struct Measurement: Sendable {
    var tally: Tally
    var elapsed: Duration
}
