internal import CachesTransport
internal import Synchronization

/// Passes a pool's events to all subscribers.
final class NodeEventHub: Sendable {
    private struct Subscribers {
        var continuations: [Int: AsyncStream<NodeEvent>.Continuation] = [:]
        var last = 0
        var isFinished = false
    }

    private let subscribers = Locked(Subscribers())
    private let droppedCount = Atomic(0)

    deinit { finish() }

    /// Events dropped because a subscriber was slow.
    var dropped: Int { droppedCount.load(ordering: .relaxed) }

    /// The events from now on.
    func subscribe() -> NodeEvents {
        let (stream, continuation) = AsyncStream.makeStream(
            of: NodeEvent.self, bufferingPolicy: .bufferingNewest(NodeEvents.bufferSize))
        let number: Int? = subscribers.withLock { subscribers in
            guard !subscribers.isFinished else { return nil }
            subscribers.last += 1
            subscribers.continuations[subscribers.last] = continuation
            return subscribers.last
        }
        guard let number else {
            continuation.finish()
            return NodeEvents(stream: stream)
        }
        continuation.onTermination = { [weak self] _ in
            self?.subscribers.withLock { _ = $0.continuations.removeValue(forKey: number) }
        }
        return NodeEvents(stream: stream)
    }

    /// Called by one thread, the loop's: the events of a node keep their order.
    func publish(_ event: NodeEvent) {
        for continuation in subscribers.withLock({ Array($0.continuations.values) }) {
            if case .dropped = continuation.yield(event) { droppedCount.wrappingAdd(1, ordering: .relaxed) }
        }
    }

    /// Ends all streams of events.
    func finish() {
        let continuations = subscribers.withLock { subscribers in
            subscribers.isFinished = true
            defer { subscribers.continuations = [:] }
            return Array(subscribers.continuations.values)
        }
        for continuation in continuations { continuation.finish() }
    }
}
