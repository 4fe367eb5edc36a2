/// Does two things at the same time. If one fails, the other is cancelled, and its end waited for.
///
/// In place of `async let`, which is not safe in Swift 6.3: a child task reads its own flags once more after
/// it has published its result, and the parent may have freed it by then. That crashed a client within hours
/// of load (`AsyncTask::completeFuture` of the runtime, which then takes it for a member of a group). The
/// children of a group are kept until the group has heard of their end.
///
/// - Parameters:
///   - first: Done by a task of its own.
///   - second: Done by the caller's.
func together<First: Sendable, Second>(
    _ first: @escaping @Sendable () async throws -> First, and second: () async throws -> Second
) async throws -> (First, Second) {
    try await withThrowingTaskGroup(of: First.self) { group in
        group.addTask { try await first() }
        let own = try await second()
        guard let other = try await group.next() else { throw CancellationError() }
        return (other, own)
    }
}
