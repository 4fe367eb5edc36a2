import Testing

@testable import CachesCluster

@Suite struct HashRingTests {
    /// A ring whose points and positions are the numbers that the texts say.
    private enum Plain: RingRule {
        static func points(of nodes: [Placement.Node]) -> [RingPoint] {
            nodes.enumerated().flatMap { index, node in
                node.identity.split(separator: " ").map { RingPoint(UInt64($0, radix: 16)!, index) }
            }
        }

        static func position(ofPart part: Span<UInt8>) -> UInt64 {
            UInt64(String(decoding: part.indices.map { part[$0] }, as: UTF8.self), radix: 16)!
        }
    }

    @Test(
        "A key belongs to the first point at or after it, and after the last point comes the first",
        arguments: [
            ("0", 0), ("10", 0), ("11", 1), ("20", 1), ("21", 2), ("7fffffffffffffff", 2),
            ("8000000000000000", 2), ("8000000000000001", 1), ("fffffffffffffffe", 1),
            ("ffffffffffffffff", 0),
        ])
    func successor(key: String, owner: Int) {
        let ring = HashRing<Plain>(
            ["10", "20 fffffffffffffffe", "8000000000000000"].map { Placement.Node($0) })
        #expect(ring.owner(at: key.withUTF8Span { Plain.position(of: $0) }) == owner)
    }

    @Test("The first of two equal points counts, and a single point is its own successor")
    func equalPoints() {
        let ring = HashRing<Plain>([.init("10 30"), .init("10 20"), .init("20")])
        #expect([0x10, 0x11, 0x20, 0x21, 0x31].map { ring.owner(at: $0) } == [0, 1, 1, 0, 0])
        #expect("11".withUTF8Span { ring.order(of: $0) } == [1, 0, 2])
        #expect(HashRing<Plain>([.init("7")]).owner(at: 8) == 0)
    }

    @Test(
        "The table of buckets finds what a walk over all points finds", arguments: [1, 2, 3, 7, 8, 40, 1000])
    func buckets(count: Int) {
        var generator = SplitMix64(seed: UInt64(count))
        // Some points lie close together, so that buckets hold many or none.
        let places = (0..<count).map { index in
            index.isMultiple(of: 3) ? UInt64.random(in: 0...50_000, using: &generator) : generator.next()
        }
        let ring = HashRing<Plain>(places.map { .init(String($0, radix: 16)) })
        let near = places.flatMap { [$0 &- 1, $0, $0 &+ 1] }
        for position in near + (0..<500).map({ _ in generator.next() }) + [0, .max] {
            let next = places.filter { $0 >= position }.min() ?? places.min()!
            #expect(places[ring.owner(at: position)] == next)
        }
    }
}
