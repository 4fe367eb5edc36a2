import CachesTransport
import Testing

@testable import CachesCluster

/// The contract with other clients: regenerate with `vectors.py`, and expect no difference.
@Suite struct PeerVectorTests {
    struct Fleet: Sendable, CustomTestStringConvertible {
        var rule: PlacementRule
        var name: String
        /// For each key the nodes in its order.
        var orders: String

        var testDescription: String { "\(rule.rawValue), \(name)" }
    }

    @Test("Owners and failover orders are those of an independent implementation", arguments: fleets)
    func golden(fleet: Fleet) throws {
        let placement = try Placement(fleet.rule, try #require(Self.nodes[fleet.name]))
        let orders = fleet.orders.split(separator: " ")
        #expect(orders.count == Self.keys.count)
        for (key, expected) in zip(Self.keys, orders) {
            let order = placement.order(of: key)
            #expect(order.map(String.init).joined() == expected, "\(key)")
            #expect(placement.owner(of: key) == order[0], "\(key)")
            #expect(placement.owner(of: Array(key.utf8).span) == order[0], "\(key)")
            #expect(placement.owner(of: KeyBytes(key)) == order[0], "\(key)")
            #expect(placement.explanation(of: key).ranks.map(\.node) == order, "\(key)")
        }
    }

    @Test("`go-redis`' own vector: of key0 … key99 ringShardOne has 56 and ringShardTwo 44")
    func goRedisVector() throws {
        let placement = try Placement(.goRedis, [.init("ringShardOne"), .init("ringShardTwo")])
        let first = (0..<100).count { placement.owner(of: "key\($0)") == 0 }
        #expect(first == 56)
    }

    static let keys = RendezvousVectorTests.keys + ["a\n{b}c", "{}}c", "{b\n}c"]

    static let nodes: [String: [Placement.Node]] = [
        "one": [.init("only")],
        "three": [.init("a"), .init("b"), .init("c")],
        "addresses": (1...8).map { .init("10.0.0.\($0):6379/0") },
        "whole": [.init("large", weight: 10), .init("medium", weight: 3), .init("small", weight: 1)],
        "pointless": [.init("none"), .init("some", weight: 20), .init("most", weight: 2000)],
        "nameless": [.init(""), .init(""), .init("", weight: 2)],
    ]

    static let fleets = [
        Fleet(
            rule: .ketama, name: "one",
            orders: """
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                """),
        Fleet(
            rule: .ketama, name: "three",
            orders: """
                120 210 120 102 210 012 210 102 201 201 120 201 210 210 210 210 210 201 021 012 102 201 \
                102
                """),
        Fleet(
            rule: .ketama, name: "addresses",
            orders: """
                32154076 64123507 47362051 24531076 47261053 50374612 40136275 63721054 14650327 40172653 \
                35164720 17354062 64123507 61073245 30172456 64123507 32056471 07152634 23507146 51063274 \
                25431076 14256307 60257341
                """),
        Fleet(
            rule: .ketama, name: "whole",
            orders: """
                012 102 012 021 102 012 012 102 120 102 012 021 102 012 012 102 201 012 012 102 021 012 \
                021
                """),
        Fleet(
            rule: .ketama, name: "pointless",
            orders: """
                210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 \
                210
                """),
        Fleet(
            rule: .twemproxy, name: "one",
            orders: """
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                """),
        Fleet(
            rule: .twemproxy, name: "three",
            orders: """
                021 021 021 021 021 021 021 021 021 021 120 120 120 120 120 021 012 021 120 012 021 021 \
                012
                """),
        Fleet(
            rule: .twemproxy, name: "addresses",
            orders: """
                07263154 07263154 07263154 07263154 07263154 07263154 07263154 07263154 07263154 07263154 \
                26143750 26143750 26143750 26143750 74362051 07263154 57416203 43107562 13274605 52173460 \
                67320451 30175462 45716203
                """),
        Fleet(
            rule: .twemproxy, name: "whole",
            orders: """
                012 012 012 012 012 012 012 012 012 012 102 102 102 102 012 012 012 012 012 012 012 021 \
                012
                """),
        Fleet(
            rule: .twemproxy, name: "pointless",
            orders: """
                210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 210 \
                210
                """),
        Fleet(
            rule: .goRedis, name: "one",
            orders: """
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                """),
        Fleet(
            rule: .goRedis, name: "three",
            orders: """
                120 210 012 021 201 201 102 210 120 201 102 102 201 210 210 210 012 210 120 210 201 012 \
                210
                """),
        Fleet(
            rule: .goRedis, name: "addresses",
            orders: """
                17236450 01234657 20456137 65120374 01467235 24576301 47321650 17045632 07426531 76352140 \
                31604752 54270136 20145736 56123407 36254071 01234657 42635107 41235670 75421063 61207435 \
                26531470 62715403 53471260
                """),
        Fleet(
            rule: .redisRB, name: "one",
            orders: """
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                """),
        Fleet(
            rule: .redisRB, name: "three",
            orders: """
                201 201 021 120 201 021 021 120 012 210 102 210 120 120 210 201 021 012 102 102 201 012 \
                210
                """),
        Fleet(
            rule: .redisRB, name: "addresses",
            orders: """
                32760154 27413650 46012753 76041235 60235147 46053712 60142753 10674235 63705421 51467203 \
                23107645 60734125 71365042 23170546 75301462 27413650 03561472 31270564 35461207 34106527 \
                41532067 61720453 60734125
                """),
        Fleet(
            rule: .jedis, name: "one",
            orders: """
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                """),
        Fleet(
            rule: .jedis, name: "three",
            orders: """
                210 210 102 201 102 210 210 012 102 210 102 210 012 021 102 210 201 021 210 021 102 012 \
                012
                """),
        Fleet(
            rule: .jedis, name: "addresses",
            orders: """
                72634510 73146250 76024351 50324167 31657042 73612405 73156204 52346701 73416025 57436102 \
                45231067 75061423 70421563 27306514 25760134 73146250 53764210 21734056 35704621 12356740 \
                41207653 05743612 52346701
                """),
        Fleet(
            rule: .jedis, name: "whole",
            orders: """
                012 102 012 021 012 012 021 021 201 012 012 012 012 012 012 102 012 102 012 012 012 102 \
                021
                """),
        Fleet(
            rule: .jedis, name: "nameless",
            orders: """
                120 012 210 210 021 012 201 021 021 120 120 102 120 201 210 012 012 201 120 120 201 120 \
                021
                """),
    ]
}
