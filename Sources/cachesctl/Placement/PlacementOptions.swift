import ArgumentParser
import CachesCluster

/// The options of the commands that say where keys belong.
struct PlacementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The nodes, in place of the environment's: names with weights, as in a=2,b=1. Names are hashed as they stand.",
            valueName: "list"))
    var nodes: NodeList?

    @Flag(help: "Look at no environment: needs --nodes.")
    var offline = false

    @Option(
        name: .customLong("on"),
        help: ArgumentHelp(
            "The server or the group that the keys are on. Default: all servers.", valueName: "name"))
    var connection: ConnectionName?

    func validate() throws {
        guard nodes != nil || !offline else { throw ValidationError("--offline needs --nodes.") }
        guard nodes == nil || connection == nil else {
            throw ValidationError("--on names servers of the environment, and --nodes are none.")
        }
    }

    /// The nodes that keys are placed on: those of `--nodes` by rendezvous, else the environment's by its rule.
    func fleet(_ environment: [String: String]) throws -> PlannedFleet {
        if let nodes { return PlannedFleet(rule: .rendezvous, members: .nodes(nodes.nodes)) }
        let configuration = try PoolConfiguration(environment: environment)
        return PlannedFleet(
            rule: configuration.placement,
            members: .servers(configuration, connection: connection ?? .sharded))
    }
}

/// Nodes as they were typed: `a`, `a=2,b=1`, `10.0.1.1:11211=600,10.0.1.2:11211=300`.
struct NodeList: ExpressibleByArgument {
    let nodes: [Placement.Node]

    init?(argument: String) {
        let nodes = argument.split(separator: ",", omittingEmptySubsequences: false).map(Self.node)
        guard nodes.allSatisfy({ $0 != nil }) else { return nil }
        self.nodes = nodes.compactMap(\.self)
    }

    /// A name, and behind the last `=` its weight, 1 by default; nil if it is neither.
    static func node(_ text: some StringProtocol) -> Placement.Node? {
        guard let equals = text.lastIndex(of: "=") else {
            return text.isEmpty ? nil : Placement.Node(String(text))
        }
        let digits = text[text.index(after: equals)...]
        // Double(_:) alone would take "nan", "inf" and "0x1p3" too.
        guard equals > text.startIndex, digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }),
            let weight = Double(String(digits))
        else { return nil }
        return Placement.Node(String(text[..<equals]), weight: weight)
    }
}

extension PlacementRule: ExpressibleByArgument {}
