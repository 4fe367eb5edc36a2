import CachesCluster
import CachesTransport

/// How many keys each node has, or would have.
struct BalanceReport: Sendable {
    /// A node's share.
    struct Share: Sendable {
        let node: String
        let weight: Double
        /// nil if the node could not be asked.
        var keys: Int?
    }

    /// The shares of all nodes.
    struct Shares: Sendable {
        var nodes: [Share]

        /// The keys of all nodes together.
        var total: Int { nodes.reduce(0) { $0 + ($1.keys ?? 0) } }

        /// How many times its share by weight the busiest node has; nil without keys, or if a node's number
        /// of keys is not known.
        var peakToAverage: Double? {
            let loads = nodes.compactMap { share in share.keys.map { Double($0) / share.weight } }
            guard let peak = loads.max(), peak > 0, loads.count == nodes.count else { return nil }
            return peak * nodes.reduce(0) { $0 + $1.weight } / Double(total)
        }
    }

    let rule: PlacementRule
    let before: Shares

    /// The rule and the shares after the change, if one was asked for, and how many keys moved.
    let after: (rule: PlacementRule, shares: Shares, moved: Int)?

    /// The keys that the servers have.
    private(set) var live: Shares?

    /// Why servers could not be asked.
    private(set) var failures: [CachesError] = []

    /// Places made-up keys, the same at each run.
    init(keys: Int, before: NamedPlacement, after: NamedPlacement?) {
        var counts = [Int](repeating: 0, count: before.names.count)
        var countsAfter = [Int](repeating: 0, count: after?.names.count ?? 0)
        // Nodes are the same if they have the same name.
        let same = before.names.map { name in after?.names.firstIndex(of: name) }
        var moved = 0
        var key = SampleKeys()
        for number in 0..<keys {
            key.make(number)
            let owner = before.placement.owner(of: key.bytes.span)
            counts[owner] += 1
            guard let after else { continue }
            let ownerAfter = after.placement.owner(of: key.bytes.span)
            countsAfter[ownerAfter] += 1
            if same[owner] != ownerAfter { moved += 1 }
        }
        rule = before.placement.rule
        self.before = Shares(before, counts)
        self.after = after.map { ($0.placement.rule, Shares($0, countsAfter), moved) }
    }

    /// Asks all servers at once how many keys they have. A cluster has several servers.
    mutating func count(_ members: [[Node]]) async {
        let sizes = await withTaskGroup(of: (Int, Result<Int, CachesError>).self) { group in
            for (index, nodes) in members.enumerated() {
                for node in nodes { group.addTask { (index, await node.size()) } }
            }
            return await group.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
        }
        var shares = before
        for index in members.indices {
            do {
                shares.nodes[index].keys = try (sizes[index] ?? []).reduce(0) { try $0 + $1.get() }
            } catch {
                shares.nodes[index].keys = nil
                failures.append(error as? CachesError ?? CachesError(.unreachable, "\(error)"))
            }
        }
        live = shares
    }
}

extension BalanceReport.Shares {
    fileprivate init(_ placement: NamedPlacement, _ counts: [Int]) {
        nodes = counts.indices.map { index in
            .init(node: placement.names[index], weight: placement.weight(index), keys: counts[index])
        }
    }
}

extension Node {
    /// How many keys its database has.
    fileprivate func size() async -> Result<Int, CachesError> {
        do {
            return .success(try await send("DBSIZE").requireNumber(.count, from: self))
        } catch {
            return .failure(error as? CachesError ?? CachesError(.closed, "\(error)", node: name))
        }
    }
}

/// Made-up keys: mixed numbers of sixteen hexadecimal digits.
struct SampleKeys {
    private(set) var bytes = [UInt8](repeating: 0, count: 16)
    private let digits = Array("0123456789abcdef".utf8)

    /// Sets `bytes` to the key of a number.
    mutating func make(_ number: Int) {
        var bits = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ bits >> 29) &* 0xbf58_476d_1ce4_e5b9
        bits ^= bits >> 32
        for index in bytes.indices {
            bytes[index] = digits[Int(bits & 15)]
            bits >>= 4
        }
    }
}
