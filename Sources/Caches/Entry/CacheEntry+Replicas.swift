import CachesCluster
import CachesTransport

extension CacheEntry {
    /// Reads from a replica, if the class wants that and there is one to be had.
    ///
    /// - Returns: nil if the owner is to be asked.
    final func readFromReplica<Output>(
        _ command: CacheCommand<Output>, _ call: Call
    ) async throws -> Output? {
        guard call.route.move == nil, command.words.isRead,
            !RecentWrites.shared.withLock({ $0.hasWritten(RecentWrites.currentTask, now: .now) }),
            let replica = pool.replica(of: call.node)
        else { return nil }
        do {
            let reply = try await replica.send(idempotent: true, deadline: call.deadline) { writer in
                command.words.write(call.key, to: &writer)
            }
            return try command.read(reply, replica)
        } catch let error as CachesError
            where (error.isOutage || error.code == .closed) && !call.deadline.hasPassed
        {
            // A replica that was found may be gone and closed.
            return nil
        }
    }

    /// Notes that the task begins a write, if it may want to read from a replica later.
    final func noteWrite() {
        if Self.reads == .preferReplica { Self.noteWrite() }
    }

    /// Notes that the task begins a write.
    static func noteWrite() { RecentWrites.shared.withLock { $0.wrote(RecentWrites.currentTask, now: .now) } }
}
