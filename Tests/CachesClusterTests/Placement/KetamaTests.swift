import Testing

@testable import CachesCluster

@Suite struct KetamaTests {
    /// `ketama.servers` of libketama's own test.
    private static let servers = zip(1...8, [600.0, 300, 200, 350, 1000, 800, 950, 100]).map {
        Placement.Node("10.0.1.\($0):11211", weight: $1)
    }

    /// libketama's own test is an MD5 of one line for each of the keys "0" … "999999". All of them give
    /// 5672b131391f5aa2b280936aec1eea74, as an optimised build has shown; a debug build has time for these.
    @Test("Points, hashes and owners of many keys are those of libketama")
    func whole() throws {
        let placement = try Placement(.ketama, Self.servers)
        var text = "\n"
        for key in 0..<20_000 {
            let explanation = placement.explanation(of: "\(key)")
            let owner = explanation.ranks[0]
            text += "\(explanation.hash) \(owner.point ?? "") \(Self.servers[owner.node].identity)\n"
        }
        let digest = MD5.hash(of: text)
        let lanes = [digest.0, digest.1, digest.2, digest.3].map(\.byteSwapped.hexadecimal)
        #expect(lanes.joined() == "8bfbe48871aaa21b3b834e7d48a961f3")
    }

    @Test(
        "A node has four points a round, and rounds are cut off with the rounding of each client's own C code"
    )
    func rounding() {
        func points(_ rule: (some RingRule).Type, _ weights: [Double]) -> [Int] {
            let nodes = weights.enumerated().map { Placement.Node("n\($0)", weight: $1) }
            let points = rule.points(of: nodes)
            return weights.indices.map { index in points.count { $0.node == index } }
        }
        #expect(points(Ketama.self, [1]) == [160])
        #expect(points(Ketama.self, [2, 1]) == [212, 104])
        #expect(points(Ketama.self, [2000, 1]) == [316, 0])
        // 1/n in single precision is a little less than a fortieth of forty for these.
        let even = [Double](repeating: 1, count: 61)
        #expect(points(Ketama.self, even) == [Int](repeating: 156, count: 61))
        #expect(points(Ketama.self, Array(even.prefix(25))) == [Int](repeating: 160, count: 25))
        #expect(points(Twemproxy.self, Array(even.prefix(25))) == [Int](repeating: 156, count: 25))
        #expect(points(Twemproxy.self, Array(even.prefix(24))) == [Int](repeating: 160, count: 24))
    }

    @Test("A node without a point owns nothing and comes last")
    func pointless() throws {
        let placement = try Placement(.ketama, [.init("none"), .init("most", weight: 2000)])
        for number in 0..<500 {
            let ranks = placement.explanation(of: "user.\(number)").ranks
            #expect(ranks.map(\.node) == [1, 0])
            #expect(ranks[0].point != nil && ranks[1].point == nil)
        }
    }
}
