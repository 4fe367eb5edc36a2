internal import CachesTransport

/// The databases and servers that the scans of several nodes read, so that a database which two nodes reach
/// under two names or addresses is read once.
final class ServerClaims: Sendable {
    private struct Database: Hashable {
        let server: Substring
        let number: Int
    }

    private let claimed = Locked<Set<Database>>([])

    /// Claims a database for a scan.
    ///
    /// - Parameter answer: The server's answer to `INFO server`, which contains its
    ///   [`run_id`](https://redis.io/docs/latest/commands/info/). A server that tells none is taken for
    ///   another one.
    /// - Returns: Whether no other scan reads it.
    func claim(_ answer: Reply, _ database: Int) -> Bool {
        let lines = answer.text?.split(whereSeparator: \.isNewline) ?? []
        guard let line = lines.first(where: { $0.hasPrefix("run_id:") }) else { return true }
        let server = line.dropFirst("run_id:".count)
        return claimed.withLock { $0.insert(Database(server: server, number: database)).inserted }
    }
}
