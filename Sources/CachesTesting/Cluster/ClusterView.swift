/// One node's view of its cluster, at one moment.
///
/// See https://redis.io/docs/latest/commands/cluster-nodes/
struct ClusterView: Hashable, Sendable {
    /// One node, as the node that was asked sees it.
    struct Node: Hashable, Sendable {
        /// 40 hexadecimal digits, or, while a handshake lasts, an identifier that goes with it.
        var id: String
        /// The host name that the node announces, if it has one and has been heard of.
        var hostname: String?
        var flags: Set<String>
        /// The identifier of the master whose data a replica has, nil for a master.
        var master: String?
        /// The greater one wins where two claim a slot.
        var epoch: Int
        /// The slots that are its own, in ascending order. Those on their way are still the source's.
        var slots: [ClosedRange<Int>]

        var isMaster: Bool { flags.contains("master") }

        /// Whether the one asked holds it to be down, or hasn't met it yet.
        var isInDoubt: Bool { !flags.isDisjoint(with: ["fail", "fail?", "handshake", "noaddr"]) }
    }

    /// The one asked.
    var own: Node
    /// All that it knows, itself included, by identifier.
    var nodes: [String: Node]
    /// Whether it serves: `cluster_state:ok`.
    var isOK: Bool
    /// Whether it is a master, or a replica that is in step with its own.
    var isInStep: Bool
}

extension ClusterView {
    /// Reads the answers to ``questions``; nil if they are malformed.
    init?(nodes text: String, cluster: String, replication: String) {
        let nodes = text.split(whereSeparator: \.isNewline).compactMap { Node($0) }
        guard let own = nodes.first(where: { $0.flags.contains("myself") }) else { return nil }
        self.own = own
        self.nodes = Dictionary(nodes.map { ($0.id, $0) }) { first, _ in first }
        isOK = ClusterView.field("cluster_state", of: cluster) == "ok"
        isInStep = own.isMaster || ClusterView.field("master_link_status", of: replication) == "up"
    }

    /// The commands that ask a node for its view.
    static let questions = [["CLUSTER", "NODES"], ["CLUSTER", "INFO"], ["INFO", "replication"]]

    private static func field(_ name: String, of text: String) -> Substring? {
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
        return line?.dropFirst(name.count + 1)
    }
}

extension ClusterView.Node {
    /// Reads a line of `CLUSTER NODES`:
    ///
    ///     id ip:port@busport,hostname flags master ping-sent pong-received
    ///         epoch link slot first-last [slot->-id]
    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count >= 8, let epoch = Int(words[6]) else { return nil }
        id = String(words[0])
        let address = words[1].split(separator: ",", omittingEmptySubsequences: false)
        hostname = address.count > 1 && !address[1].isEmpty ? String(address[1]) : nil
        flags = Set(words[2].split(separator: ",").map(String.init))
        master = words[3] == "-" ? nil : String(words[3])
        self.epoch = epoch
        slots = words.dropFirst(8).compactMap { word in
            let ends = word.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, 0 <= first, first <= last,
                last < 16_384
            else { return nil }
            return first...last
        }
    }
}
