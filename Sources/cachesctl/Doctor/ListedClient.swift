/// A connection of a pool, as a server's `CLIENT LIST` shows it
/// (https://redis.io/docs/latest/commands/client-list/).
struct ListedClient: Equatable, Sendable, Encodable {
    /// The client's address: `10.0.0.7:51234`.
    var address: String
    /// Its name: `caches:1f0c9a4e`.
    var name: String
    /// The pool's fingerprint at the end of the name, see `CachePool.fingerprint`: `1f0c9a4e`.
    var fingerprint: String

    /// The clients of a list whose name ends with a colon and a fingerprint. Other clients are not pools.
    static func all(in list: String) -> [ListedClient] {
        list.split(whereSeparator: \.isNewline).compactMap { line in
            var address: Substring?
            var name: Substring?
            for field in line.split(separator: " ") {
                if field.hasPrefix("addr=") { address = field.dropFirst(5) }
                if field.hasPrefix("name=") { name = field.dropFirst(5) }
            }
            guard let address, let name, let colon = name.lastIndex(of: ":") else { return nil }
            let fingerprint = name[name.index(after: colon)...]
            guard fingerprint.utf8.count == 8,
                fingerprint.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
            else { return nil }
            return ListedClient(
                address: String(address), name: String(name), fingerprint: String(fingerprint))
        }
    }
}
