import CachesTransport
import Testing

/// Waits until a condition holds, and expects that it does within a minute.
///
/// It looks from the loop's timer: a task that yields in a circle would take the time of those that it waits
/// for. And it expects by itself: of two closures in one function, one of them inside `#expect`, Swift 6.3
/// may call the wrong one.
package func eventually(
    within patience: Duration = .seconds(60), at location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + patience
    while try await !condition() {
        guard .now < end else {
            Issue.record("this did not come about within \(patience)", sourceLocation: location)
            return
        }
        await withCheckedContinuation { continuation in
            EventLoops.forTasks.schedule(after: .milliseconds(1)) { continuation.resume() }
        }
    }
}

/// Runs a measurement of time on the loop's thread: on the pool it would wait behind the work of other tests.
package func onLoop<Value: Sendable, Failure: Error>(
    _ body: () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    try await withTaskExecutorPreference(EventLoops.forTasks, operation: body)
}
