import CachesCluster
import CachesTerminal
import CachesTransport

/// The place of a key, and the reason.
struct KeyPlace {
    let key: String
    let placement: NamedPlacement
    let explanation: PlacementExplanation

    init(of key: String, _ placement: NamedPlacement) {
        self.key = key
        self.placement = placement
        explanation = placement.placement.explanation(of: key)
    }

    /// The name of the node that owns the key.
    var owner: String { placement.names[explanation.ranks[0].node] }

    /// The key with its owner, the reason, and a table of all nodes.
    func lines(_ style: Style, width: Int?) -> [String] {
        let rule = placement.placement.rule
        // If something else than the name is hashed for a node, the table shows it as part of the reason.
        let hasIdentities = placement.names != placement.placement.nodes.map(\.identity)
        var columns: [Table.Column] = [
            .init("", .right), .init("node", minimumWidth: 8, truncation: .middle), .init("weight", .right),
            .init(rule.measure, .right),
        ]
        if hasIdentities {
            columns.insert(.init("hashed as", minimumWidth: 14, truncation: .middle), at: 2)
        }
        var table = Table(columns)
        for (index, rank) in explanation.ranks.enumerated() {
            var row: [Table.Cell] = [
                .init("\(index + 1)"), .init(placement.names[rank.node], index == 0 ? .strong : .plain),
                .init(Figures.weight(placement.weight(rank.node))),
                .init(rank.score.map(Figures.score) ?? rank.point ?? "–"),
            ]
            if hasIdentities { row.insert(.init(placement.identity(rank.node)), at: 2) }
            table.append(row)
        }
        let indent = "  "
        let part = explanation.part == key ? "" : " of its tag \(explanation.part.printable)"
        return [
            style(key.printable, .strong) + style("  →  ", .quiet) + style(owner.printable, .good),
            indent + style("placement \(rule.rawValue): \(rule.reason)", .quiet),
            indent + style("\(rule.hashName) \(explanation.hash)\(part)", .quiet),
        ] + table.lines(style, width: width.map { $0 - indent.count }).map { indent + $0 }
    }
}

extension KeyPlace: Encodable {
    enum CodingKeys: String, CodingKey { case key, owner, placement, part, hash, order }
    enum RankKeys: String, CodingKey { case node, identity, weight, score, point }

    // Written out because the synthesised form leaves out nil values.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(owner, forKey: .owner)
        try container.encode(placement.placement.rule.rawValue, forKey: .placement)
        try container.encode(explanation.part, forKey: .part)
        try container.encode(explanation.hash, forKey: .hash)
        var order = container.nestedUnkeyedContainer(forKey: .order)
        for rank in explanation.ranks {
            var object = order.nestedContainer(keyedBy: RankKeys.self)
            try object.encode(placement.names[rank.node], forKey: .node)
            try object.encode(placement.identity(rank.node), forKey: .identity)
            try object.encode(placement.weight(rank.node), forKey: .weight)
            try object.encode(rank.score, forKey: .score)
            try object.encode(rank.point, forKey: .point)
        }
    }
}

extension PlacementRule {
    /// The reason why a node owns a key, as a clause.
    fileprivate var reason: String {
        switch self {
        case .rendezvous, .goRedis: "the highest score owns the key"
        case .ketama, .twemproxy, .jedis: "the first point at or after the key's hash owns it"
        case .redisRB: "the last point at or before the key's hash owns it"
        }
    }

    /// The measure that is compared.
    fileprivate var measure: String {
        switch self {
        case .rendezvous, .goRedis: "score"
        case .ketama, .twemproxy, .redisRB, .jedis: "point"
        }
    }

    /// The hash of keys.
    fileprivate var hashName: String {
        switch self {
        case .rendezvous, .goRedis: "xxHash64"
        case .ketama: "MD5, first lane,"
        case .twemproxy: "fnv1a_64"
        case .redisRB: "CRC-32"
        case .jedis: "MurmurHash64A"
        }
    }
}

extension Figures {
    /// `1`, `2.5`: a weight as a user writes it.
    static func weight(_ weight: Double) -> String {
        let text = "\(weight)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// `12.31`, `0.004017`: four digits of a score, or all digits of one above a million.
    fileprivate static func score(_ score: Double) -> String {
        guard score < 1e6 else { return score < 0x1p63 ? count(Int(score)) : "\(score)" }
        var scale = 1.0
        while score * scale < 1000, scale < 1e9 { scale *= 10 }
        return "\((score * scale).rounded() / scale)"
    }
}
