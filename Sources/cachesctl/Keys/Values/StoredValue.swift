import Caches
import CachesCluster
import CachesTransport

/// The value of a key, in full or its first elements.
struct StoredValue: Sendable {
    /// The value by its type.
    enum Content: Sendable {
        case string(Bytes)
        case list([Bytes])
        case set([Bytes])
        case hash([(field: Bytes, value: Bytes)])
        case sortedSet([(element: Bytes, score: String)])
    }

    let content: Content

    /// How many elements there are on the server; 1 for a string.
    let count: Int

    /// How many of these elements were read.
    var shown: Int {
        switch content {
        case .string: 1
        case .list(let elements), .set(let elements): elements.count
        case .hash(let items): items.count
        case .sortedSet(let items): items.count
        }
    }

    /// Whether all elements were read.
    var isWhole: Bool { shown >= count }

    /// Reads a key: a string in one round trip, anything else in at least two.
    ///
    /// - Parameter limit: How many elements of a collection to read at most.
    /// - Returns: nil if the key doesn't exist.
    static func read(_ key: String, from node: Node, limit: Int) async throws -> StoredValue? {
        let replies = try await node.ask([["GET", key], ["TYPE", key]])
        switch replies[0] {
        case .string(let bytes): return StoredValue(content: .string(bytes), count: 1)
        case .null: return nil
        case .error(let error) where error.name != "WRONGTYPE": throw error.error(node: node.name)
        default: break
        }
        switch try replies[1].value(from: node).text {
        case "none": return nil
        case "list":
            let replies = try await node.ask([["LLEN", key], ["LRANGE", key, "0", "\(limit - 1)"]])
            return try StoredValue(
                content: .list(replies[1].strings(from: node)), count: replies[0].number(from: node))
        case "zset":
            let replies = try await node.ask([
                ["ZCARD", key], ["ZRANGE", key, "0", "\(limit - 1)", "WITHSCORES"],
            ])
            let items = try replies[1].strings(from: node).pairs.map { element, score in
                (element: element, score: String(decoding: score, as: UTF8.self))
            }
            return StoredValue(content: .sortedSet(items), count: try replies[0].number(from: node))
        case "set":
            let (count, elements) = try await node.scan("SCARD", "SSCAN", key, limit: limit)
            return StoredValue(content: .set(Array(elements.prefix(limit))), count: count)
        case "hash":
            let (count, items) = try await node.scan("HLEN", "HSCAN", key, limit: 2 * limit)
            let fields = items.pairs.prefix(limit).map { (field: $0, value: $1) }
            return StoredValue(content: .hash(fields), count: count)
        case let type:
            throw CachesError(
                .decoding, "The key \(key) holds a value of the type \(type ?? "?"), which can't be shown.",
                node: node.name)
        }
    }
}

extension Node {
    /// Sends commands that only read, in one round trip. An error is returned as the command's reply.
    fileprivate func ask(_ commands: [[String]]) async throws -> [Reply] {
        try await pipeline(commands.count, idempotent: true, deadline: deadline()) { writer in
            for words in commands {
                writer.begin(words.count)
                for word in words { writer.argument(word) }
            }
        }
    }

    /// The size of a collection, and at least `limit` of the items that a scan returns, if there are as many.
    fileprivate func scan(
        _ size: String, _ scan: String, _ key: String, limit: Int
    ) async throws -> (count: Int, items: [Bytes]) {
        var count: Int?
        var items: [Bytes] = []
        var cursor = "0"
        var trail = CursorTrail(pageSize: 1000)
        repeat {
            let replies = try await ask([[size, key], [scan, key, cursor, "COUNT", "1000"]])
            count = try count ?? replies[0].number(from: self)
            let page = try replies[1].value(from: self).requireScan(from: self)
            items += page.items.compactMap(\.bytes)
            cursor = page.cursor
            if cursor != "0" { try trail.goOn(at: cursor, of: name) }
        } while cursor != "0" && items.count < limit
        return (count ?? 0, items)
    }
}

extension Reply {
    /// The reply; throws if it is an error.
    fileprivate func value(from node: Node) throws -> Reply {
        if case .error(let error) = self { throw error.error(node: node.name) }
        return self
    }

    fileprivate func number(from node: Node) throws -> Int {
        try value(from: node).requireNumber(.count, from: node)
    }

    fileprivate func strings(from node: Node) throws -> [Bytes] {
        try value(from: node).requireArray(from: node).compactMap(\.bytes)
    }
}

extension [Bytes] {
    /// The first with the second, the third with the fourth, and so on.
    fileprivate var pairs: [(Bytes, Bytes)] {
        stride(from: 0, to: count - 1, by: 2).map { (self[$0], self[$0 + 1]) }
    }
}
