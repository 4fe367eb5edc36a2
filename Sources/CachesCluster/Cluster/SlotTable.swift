internal import CachesTransport

/// The owners of the slots, as one server of the cluster knows them.
struct SlotTable: Hashable, Sendable {
    /// Slots that one server owns.
    struct Range: Hashable, Sendable {
        var slots: ClosedRange<Int>
        var master: Endpoint
        /// In the order of their texts.
        var replicas: [Endpoint]
    }

    /// In the order of the slots: servers list them in any order. A slot in no range has no owner.
    let ranges: [Range]

    /// Lasting identities of the servers: their identifiers, which no two servers share, or their addresses
    /// if a server tells no identifier (before Redis 4).
    let identities: Set<String>

    /// Every server, with its role.
    let places: Set<Cluster.Place>

    init(ranges: [Range], identities: Set<String>? = nil) {
        self.ranges = ranges.sorted { $0.slots.lowerBound < $1.slots.lowerBound }
        self.identities =
            identities ?? Set(ranges.flatMap { [$0.master] + $0.replicas }.map(\.description))
        places = Set(
            ranges.flatMap { range in
                [Cluster.Place(endpoint: range.master, isReplica: false)]
                    + range.replicas.map { Cluster.Place(endpoint: $0, isReplica: true) }
            })
    }

    /// Whether the same servers own the same slots. Replicas do not matter.
    func hasSameOwners(as other: SlotTable) -> Bool {
        ranges.elementsEqual(other.ranges) { $0.slots == $1.slots && $0.master == $1.master }
    }

    /// How many slots have an owner.
    var coverage: Int { ranges.reduce(0) { $0 + $1.slots.count } }

    /// Whether every slot has an owner.
    var isComplete: Bool { coverage == HashSlot.count }

    /// The owner of a slot; nil if it has no owner.
    func master(of slot: Int) -> Endpoint? { ranges.first { $0.slots.contains(slot) }?.master }
}

/// A server's answer to `CLUSTER SLOTS`.
///
/// (https://redis.io/docs/latest/commands/cluster-slots/) Why this command: every version of Redis and Valkey
/// has it, it names the port that matches the connection, plain or TLS, and a server answers it from a cache.
/// `CLUSTER SHARDS` came with Redis 7, and tells more than is needed here.
struct SlotsAnswer: Sendable {
    let table: SlotTable

    /// The parts that could not be read and are left out: in a few words each, at most ``mostOmissions``.
    private(set) var omissions: [String] = []

    /// The most omissions that are recorded.
    static let mostOmissions = 8

    /// Further replicas of one master are left out. Redis recommends 1 000 servers at most in a cluster.
    static let mostReplicas = 64

    /// Further words of metadata are not read, and longer identifiers are ignored: an identifier has 40
    /// digits.
    private static let mostMetadata = 32
    private static let longestIdentity = 64

    /// - Parameters:
    ///   - reply: The server's answer.
    ///   - asked: The address that was asked; it stands for a host that the server omits.
    ///   - map: The addresses at which servers are reached that announce another one.
    ///   - mostServers: How many servers the answer may name in all: `max-servers`.
    /// - Throws: ``CachesError`` if the reply is not an answer to the command, or no part of it can be read.
    init(
        _ reply: Reply, asked: Endpoint, map: AddressMap? = nil,
        mostServers: Int = NodeConfiguration.usualMaximumServers
    ) throws(CachesError) {
        guard case .array(let entries) = reply else { throw Self.isNone("it is no list") }
        // Each owner has at least one slot, and no slot has two owners.
        guard entries.count <= HashSlot.count else {
            throw Self.isNone("it has more ranges than there are slots")
        }
        var ranges: [SlotTable.Range] = []
        var identities: Set<String> = []
        var servers: Set<Endpoint> = []
        var taken = 0
        for entry in entries {
            let range: SlotTable.Range
            do throws(Omission) {
                range = try Self.range(entry, asked, map, &identities)
            } catch {
                if omissions.count < Self.mostOmissions { omissions.append(error.reason) }
                continue
            }
            taken += range.slots.count
            guard taken <= HashSlot.count else { throw Self.isNone("it gives slots to two owners") }
            servers.insert(range.master)
            servers.formUnion(range.replicas)
            guard servers.count <= mostServers else { throw Self.hasTooMany(mostServers) }
            ranges.append(range)
        }
        if ranges.isEmpty, let omission = omissions.first { throw Self.isNone(omission) }
        table = SlotTable(ranges: ranges, identities: identities)
    }

    private struct Omission: Error {
        let reason: String
    }

    private static func range(
        _ entry: Reply, _ asked: Endpoint, _ map: AddressMap?, _ identities: inout Set<String>
    ) throws(Omission) -> SlotTable.Range {
        guard let fields = entry.array.map({ Array($0.prefix(3 + mostReplicas)) }), fields.count >= 3,
            let first = fields[0].integer,
            let last = fields[1].integer
        else { throw Omission(reason: "a range is no list of two slots and a server") }
        guard let lowest = PeerNumber.slot.checked(first), let highest = PeerNumber.slot.checked(last),
            lowest <= highest
        else { throw Omission(reason: "the range \(first) to \(last) is outside the slots") }
        let slots = lowest...highest
        let master: (endpoint: Endpoint, identity: String)
        do throws(Omission) {
            master = try server(fields[2], asked, map)
        } catch {
            throw Omission(reason: "slots \(first) to \(last): \(error.reason)")
        }
        var replicas: [Endpoint] = []
        identities.insert(master.identity)
        for field in fields[3...] {
            guard let replica = try? server(field, asked, map) else { continue }
            identities.insert(replica.identity)
            if !replicas.contains(replica.endpoint) { replicas.append(replica.endpoint) }
        }
        let sorted = replicas.map { ($0, "\($0)") }.sorted { $0.1 < $1.1 }.map(\.0)
        return SlotTable.Range(slots: slots, master: master.endpoint, replicas: sorted)
    }

    /// Reads `host port [identifier [metadata]]`.
    private static func server(
        _ reply: Reply, _ asked: Endpoint, _ map: AddressMap?
    ) throws(Omission) -> (endpoint: Endpoint, identity: String) {
        guard let fields = reply.array.map({ Array($0.prefix(4)) }), fields.count >= 2,
            let number = fields[1].integer
        else {
            throw Omission(reason: "their owner is no list of a host and a port")
        }
        // A server has port 0 if it accepts no connections of the kind used to ask, plain or TLS.
        guard let port = PeerNumber.port.checked(number) else {
            throw Omission(reason: "their owner's port is \(number)")
        }
        var host = fields[0].text
        guard fields[0].isNull || host != nil else { throw Omission(reason: "their owner's host is no text") }
        if host == "?" {
            guard let known = metadata(fields.dropFirst(3).first) else {
                throw Omission(reason: "their owner's host is unknown, and the metadata has none")
            }
            host = known
        }
        guard let endpoint = ClusterNodeAddress(host: host, port: port).endpoint(asked: asked, map) else {
            throw Omission(reason: "their owner's host is no name and no address")
        }
        let identity = fields.count > 2 ? fields[2].text : nil
        return (
            endpoint,
            identity.flatMap { 1...longestIdentity ~= $0.utf8.count ? $0 : nil } ?? "\(endpoint)"
        )
    }

    /// Another name of a host, from the names and values that follow a server's identifier: its host name, or
    /// else its address.
    private static func metadata(_ reply: Reply?) -> String? {
        let words = (reply?.array ?? nil).map { $0.prefix(mostMetadata).map { $0.text ?? "" } } ?? []
        var facts: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) { facts[words[index]] = words[index + 1] }
        return [facts["hostname"], facts["ip"]].lazy.compactMap(\.self).first { !$0.isEmpty && $0 != "?" }
    }

    private static func hasTooMany(_ most: Int) -> CachesError {
        CachesError(
            .protocolViolation,
            "The answer to CLUSTER SLOTS can't be used: it names more than \(most) servers.",
            advice: "If the cluster has more, raise max-servers; each costs a descriptor.")
    }

    private static func isNone(_ why: String) -> CachesError {
        CachesError(
            .protocolViolation, "The answer to CLUSTER SLOTS can't be used: \(why).",
            advice: "Check what CLUSTER SLOTS says there, and cluster-announce-ip, -port and -hostname.")
    }
}
