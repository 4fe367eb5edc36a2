import ArgumentParser
import CachesCluster

/// The options of the commands that show where keys belong.
struct PlacementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The nodes, rather than those of the environment: names with weights, as in a=2,b=1. Names are hashed as given.",
            valueName: "list"))
    var nodes: NodeList?

    @Flag(help: "Ignore the environment; needs --nodes.")
    var offline = false

    @Option(
        name: .customLong("on"),
        help: ArgumentHelp(
            "The server or the group that the keys are on. Default: all servers.", valueName: "name"))
    var connection: ConnectionName?

    func validate() throws {
        guard nodes != nil || !offline else { throw ValidationError("--offline needs --nodes.") }
        guard nodes == nil || connection == nil else {
            throw ValidationError("--on names servers of the environment: leave out --on or --nodes.")
        }
    }

    /// The nodes that keys are placed on: those of `--nodes` by rendezvous, otherwise those of the
    /// environment by its rule.
    func fleet(_ environment: [String: String]) throws -> PlannedFleet {
        if let nodes { return PlannedFleet(rule: .rendezvous, members: .nodes(nodes.nodes)) }
        let configuration = try PoolConfiguration(environment: environment)
        return PlannedFleet(
            rule: configuration.placement,
            members: .servers(configuration, connection: connection ?? .sharded))
    }
}

/// Nodes as typed: `a`, `a=2,b=1`, `10.0.1.1:11211=600,10.0.1.2:11211=300`.
struct NodeList: ExpressibleByArgument {
    let nodes: [Placement.Node]

    init?(argument: String) {
        let nodes = argument.split(separator: ",", omittingEmptySubsequences: false).map(Self.node)
        guard nodes.allSatisfy({ $0 != nil }) else { return nil }
        self.nodes = nodes.compactMap(\.self)
    }

    /// Parses a name, and its weight after the last `=`, by default 1; nil if the text is empty or wrong.
    static func node(_ text: some StringProtocol) -> Placement.Node? {
        guard let equals = text.lastIndex(of: "=") else {
            return text.isEmpty ? nil : Placement.Node(String(text))
        }
        let digits = text[text.index(after: equals)...]
        // Double(_:) alone would also take "nan", "inf" and "0x1p3".
        guard equals > text.startIndex, digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }),
            let weight = Double(String(digits))
        else { return nil }
        return Placement.Node(String(text[..<equals]), weight: weight)
    }
}

extension PlacementRule: ExpressibleByArgument {}
