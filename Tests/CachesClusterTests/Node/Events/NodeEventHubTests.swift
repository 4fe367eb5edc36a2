import Testing

@testable import CachesCluster

@Suite struct NodeEventHubTests {
    @Test("Every subscriber gets every event from then on, in order")
    func everybody() async {
        let hub = NodeEventHub()
        let first = hub.subscribe()
        hub.publish(Self.event("a"))
        let second = hub.subscribe()
        hub.publish(Self.event("b"))
        hub.finish()
        #expect(await Self.names(first) == ["a", "b"])
        #expect(await Self.names(second) == ["b"])
        #expect(await Self.names(hub.subscribe()) == [])
        #expect(hub.dropped == 0)
    }

    @Test("A slow subscriber loses the oldest events, which are counted, and delays nobody")
    func slow() async {
        let hub = NodeEventHub()
        let slow = hub.subscribe()
        for number in 0..<NodeEvents.bufferSize + 10 { hub.publish(Self.event("\(number)")) }
        hub.finish()
        let names = await Self.names(slow)
        #expect(names.count == NodeEvents.bufferSize)
        #expect(names.first == "10")
        #expect(hub.dropped == 10)
    }

    @Test("A subscriber that has stopped listening gets nothing, and nothing is counted as dropped")
    func gone() async {
        let hub = NodeEventHub()
        let task = Task { [events = hub.subscribe()] in
            for await _ in events {}
        }
        task.cancel()
        await task.value
        for _ in 0..<NodeEvents.bufferSize * 2 { hub.publish(Self.event("a")) }
        #expect(hub.dropped == 0)
    }

    @Test("Subscribers are released when the hub goes")
    func ends() async {
        var hub: NodeEventHub? = NodeEventHub()
        let events = hub?.subscribe()
        hub?.publish(Self.event("a"))
        hub = nil
        #expect(await Self.names(events!) == ["a"])
    }

    private static func event(_ node: String) -> NodeEvent {
        NodeEvent(node: node, from: .healthy, to: .ejected, reason: nil, time: .now)
    }

    private static func names(_ events: NodeEvents) async -> [String] {
        var names: [String] = []
        for await event in events { names.append(event.node) }
        return names
    }
}
