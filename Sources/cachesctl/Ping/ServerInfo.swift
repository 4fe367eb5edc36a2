import CachesTransport

/// A server's reply to `INFO` (https://redis.io/docs/latest/commands/info/).
struct ServerInfo {
    private let fields: [Substring: Substring]

    /// Reads `field:value` lines. Headings and any other lines are skipped.
    init(_ text: String) {
        let pairs = text.split(whereSeparator: \.isNewline).compactMap { line -> (Substring, Substring)? in
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon], line[line.index(after: colon)...])
        }
        fields = Dictionary(pairs) { first, _ in first }
    }

    /// `redis 7.0.15` or `valkey 8.1.0`. Valkey still gives a `redis_version` for old clients, so
    /// `valkey_version` is looked for first.
    var product: String? {
        if let version = fields["valkey_version"] { return "valkey \(version)" }
        return fields["redis_version"].map { "redis \($0)" }
    }

    /// `master` or `replica`. Redis still writes `slave` here.
    var role: String? { fields["role"].map { $0 == "slave" ? "replica" : String($0) } }

    /// The limit of memory for data, in bytes; 0 for no limit.
    var maximumMemory: Int? { fields["maxmemory"]?.number(.count) }

    /// The policy when ``maximumMemory`` is reached: `noeviction`, `allkeys-lru`, …
    var evictionPolicy: String? { fields["maxmemory_policy"].map(String.init) }

    /// Whether the server writes an append-only file.
    var hasAppendOnlyFile: Bool? { fields["aof_enabled"].map { $0 == "1" } }
}
