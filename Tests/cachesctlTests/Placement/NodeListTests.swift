import CachesCluster
import Testing

@testable import cachesctl

struct NodeListTests {
    @Test(
        "Nodes are names with weights behind the last equals sign",
        arguments: [
            ("a", [.init("a")]), ("a,b", [.init("a"), .init("b")]),
            ("a=2,b=0.5", [.init("a", weight: 2), .init("b", weight: 0.5)]),
            (
                "10.0.1.1:11211=600,[::1]:6379=300",
                [.init("10.0.1.1:11211", weight: 600), .init("[::1]:6379", weight: 300)]
            ),
            ("a=b=3", [.init("a=b", weight: 3)]), ("sessions/a b", [.init("sessions/a b")]),
            ("a=0", [.init("a", weight: 0)]),  // for the placement to refuse, with the reason
            ("", nil), (",", nil), ("a,", nil), (",a", nil), ("=2", nil), ("a=", nil), ("a=x", nil),
            ("a=-1", nil),
            ("a=0x10", nil), ("a=nan", nil), ("a=inf", nil), ("a=1e3", nil), ("a= 1", nil), ("a=1.2.3", nil),
        ] as [(String, [Placement.Node]?)])
    func nodes(text: String, nodes: [Placement.Node]?) {
        #expect(NodeList(argument: text)?.nodes == nodes)
    }
}
