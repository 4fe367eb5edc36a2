import CachesTransport
import Testing

@testable import CachesCluster

/// The choice of the nearest among some nodes.
@Suite struct NearestTests {
    private func node(_ name: String, _ roundTrips: Duration...) throws -> Node {
        let configuration = try NodeConfiguration(dsn: "redis://127.0.0.1:1#\(name)")
        let node = Node(configuration, fingerprint: "test", defaultDeadline: .seconds(1), logger: silent)
        for roundTrip in roundTrips { node.note(roundTrip: roundTrip) }
        return node
    }

    /// The names that come up in many choices.
    private func nearest(of nodes: Node...) -> Set<String> {
        Set((0..<200).compactMap { _ in Node.nearest(of: nodes)?.name })
    }

    @Test("The one whose signs of life take the least time")
    func least() throws {
        let near = try node("near", .microseconds(300))
        #expect(
            nearest(of: try node("far", .milliseconds(20)), near, try node("other", .milliseconds(2))) == [
                "near"
            ])
    }

    @Test("Equally near nodes share the work, and nodes that were never measured are tried")
    func equal() throws {
        let (one, other) = (try node("one", .microseconds(300)), try node("other", .microseconds(500)))
        #expect(nearest(of: one, other) == ["one", "other"])
        #expect(nearest(of: one, try node("new")) == ["one", "new"])
        #expect(nearest(of: try node("new"), try node("newer")) == ["new", "newer"])
    }

    @Test("A single node is taken however far it is, and nil is returned without nodes")
    func few() throws {
        #expect(nearest(of: try node("far", .seconds(1))) == ["far"])
        #expect(Node.nearest(of: []) == nil)
    }

    @Test("One late answer changes little, and many change it")
    func smoothed() throws {
        let node = try node("a", .milliseconds(1))
        node.note(roundTrip: .milliseconds(9))
        #expect(node.roundTrip == .milliseconds(2))
        for _ in 0..<100 { node.note(roundTrip: .milliseconds(9)) }
        #expect(try #require(node.roundTrip) > .milliseconds(8))
    }
}
