internal import CachesTransport

/// Which databases of which servers are read by the scans of several nodes, so that one that two nodes stand for, under
/// two names or addresses, is read once.
final class ServerClaims: Sendable {
    private struct Database: Hashable {
        let server: Substring
        let number: Int
    }

    private let claimed = Locked<Set<Database>>([])

    /// Claims a database for a scan.
    ///
    /// - Parameter answer: What the server answered to `INFO server`, where it is known by its
    ///   [`run_id`](https://redis.io/docs/latest/commands/info/). One that doesn't say is taken for another.
    /// - Returns: Whether no other scan reads it.
    func claim(_ answer: Reply, _ database: Int) -> Bool {
        let lines = answer.text?.split(whereSeparator: \.isNewline) ?? []
        guard let line = lines.first(where: { $0.hasPrefix("run_id:") }) else { return true }
        let server = line.dropFirst("run_id:".count)
        return claimed.withLock { $0.insert(Database(server: server, number: database)).inserted }
    }
}
