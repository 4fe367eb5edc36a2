import Testing

/// Waits until a condition holds, and expects that it does within a minute.
func eventually(
    within patience: Duration = .seconds(60), at location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + patience
    while try await !condition() {
        guard .now < end else {
            Issue.record("this did not come about within \(patience)", sourceLocation: location)
            return
        }
        try await Task.sleep(for: .milliseconds(1))
    }
}
