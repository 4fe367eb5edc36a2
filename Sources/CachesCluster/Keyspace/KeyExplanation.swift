import CachesTransport

/// The facts known about a key: the result of ``CachePool/explain(_:connection:deadline:)``.
///
/// It prints as a few lines:
///
///     user.42
///       node         b, then c, a
///       type         string, encoded as embstr
///       time left    1 h 59 min
///       size         96 bytes
///       last used    12 s ago
///
/// Facts that a server would not tell are nil, and not printed.
public struct KeyExplanation: Hashable, Sendable {
    /// The whole key, as servers see it.
    public let key: String

    /// The name of the node that owns the key.
    public var node: String { order[0] }

    /// The nodes in order of claim to the key: the owner, then the nodes that take over if it is out.
    public let order: [String]

    /// The part of the key in braces that decides its node; nil if the whole key does.
    public let hashTag: String?

    /// `string`, `hash`, `list`, `set`, `zset`, `stream`, or the name of a module's type; `none` if the key
    /// does not exist.
    public let type: String?

    /// How long the key will still be there.
    public let timeLeft: TimeLeft?

    /// How much memory key and value take, with the server's overhead. For a collection, it is extrapolated
    /// from a sample of five elements. (https://redis.io/docs/latest/commands/memory-usage/)
    public let bytes: Int?

    /// How the server keeps the value: `embstr`, `listpack`, `hashtable`, …
    /// (https://redis.io/docs/latest/commands/object-encoding/)
    public let encoding: String?

    /// How long ago the key was last read or written, to the second. Not known on a server that evicts by
    /// frequency (its `maxmemory-policy` ends in `lfu`).
    public let idle: Duration?

    /// How often the key is used, 0 to 255 on a logarithmic scale: known only on a server that evicts by
    /// frequency. (https://redis.io/docs/latest/commands/object-freq/)
    public let frequency: Int?

    /// How long ago the key was last written: computed for a cache from its ttl, and right if the write had
    /// that ttl. nil if the cache has no ttl or one with jitter, and for a key that was not asked for by a
    /// cache: servers don't tell the age of a key.
    public package(set) var age: Duration?

    /// Whether the key does not exist.
    public var isMissing: Bool { type == "none" || timeLeft == .missing }
}

extension KeyExplanation {
    /// The commands to send, each followed by the key.
    private static let questions: [[StaticString]] = [
        ["TYPE"], ["PTTL"], ["MEMORY", "USAGE"], ["OBJECT", "ENCODING"], ["OBJECT", "IDLETIME"],
        ["OBJECT", "FREQ"],
    ]

    /// Asks the first of the nodes.
    init(asking nodes: [Node], about key: String, deadline: Duration?) async throws {
        let node = nodes[0]
        let replies = try await node.pipeline(
            Self.questions.count, idempotent: true, forKey: true, deadline: node.deadline(deadline)
        ) { command in
            for words in Self.questions {
                command.begin(words.count + 1)
                for word in words { command.argument(word) }
                command.argument(key)
            }
        }
        let answers = try replies.map { try Self.answer($0, from: node) }
        self.key = key
        order = nodes.map(\.name)
        hashTag = HashTag.tag(of: key)
        type = answers[0]?.text
        timeLeft = try answers[1].map { (reply) throws(CachesError) in
            do throws(CachesError) { return try TimeLeft(reply, from: node) } catch {
                throw error.naming(command: "PTTL")
            }
        }
        bytes = try Self.number(answers[2], .count, "MEMORY USAGE", node)
        encoding = answers[3]?.text
        idle = try Self.number(answers[4], .seconds, "OBJECT IDLETIME", node).map { .seconds($0) }
        frequency = try Self.number(answers[5], .frequency, "OBJECT FREQ", node)
    }

    /// A number from the server; nil if the server would not tell it, or there is no key.
    private static func number(
        _ reply: Reply?, _ kind: PeerNumber, _ command: String, _ node: Node
    ) throws(CachesError) -> Int? {
        guard let reply, !reply.isNull else { return nil }
        do throws(CachesError) { return try reply.requireNumber(kind, from: node) } catch {
            throw error.naming(command: command)
        }
    }

    /// A reply; nil if the server would not give one.
    private static func answer(_ reply: Reply, from node: Node) throws(CachesError) -> Reply? {
        guard case .error(let error) = reply else { return reply }
        // NOPERM: the user may not ask. ERR: the server does not keep the fact, or has no such command. Any
        // other error, for example LOADING, is not an answer about the key.
        guard ["NOPERM", "ERR"].contains(error.name) else { throw error.error(node: node.name) }
        return nil
    }
}

extension KeyExplanation: CustomStringConvertible {
    /// The known facts, each with its label. Labels are `node`, `placed by`, `type`, `time left`, `size`,
    /// `last used`, `frequency` and `age`.
    package var facts: [(label: String, text: String)] {
        var facts = [(label: "node", text: node + (order.count > 1 ? ", then " : ""))]
        facts[0].text += order.dropFirst().joined(separator: ", ")
        if let hashTag { facts.append(("placed by", hashTag)) }
        guard !isMissing else { return facts + [("type", "none: there is nothing at the key")] }
        if let type { facts.append(("type", type + (encoding.map { ", encoded as \($0)" } ?? ""))) }
        if let timeLeft { facts.append(("time left", "\(timeLeft)")) }
        if let bytes { facts.append(("size", "\(bytes) bytes")) }
        if let idle { facts.append(("last used", idle < .seconds(1) ? "just now" : "\(idle.inUnits) ago")) }
        if let frequency { facts.append(("frequency", "\(frequency) of 255, logarithmic")) }
        if let age { facts.append(("age", age.inUnits)) }
        return facts
    }

    /// The key, and below it the known facts, one per line.
    public var description: String {
        ([key.printable]
            + facts.map { label, text in
                "  " + label + String(repeating: " ", count: 13 - label.count) + text.printable
            }).joined(separator: "\n")
    }
}
