import CachesTransport

@testable import CachesCluster

extension Node {
    /// Sends a command that keeps the connection waiting, which `send(_:deadline:)` refuses: it stands for a
    /// slow server.
    func sendBlocking(_ words: String..., deadline: Deadline? = nil) async throws -> Reply {
        try await send(idempotent: false, deadline: deadline ?? self.deadline()) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }
}
