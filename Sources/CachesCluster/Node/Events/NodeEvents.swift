/// The changes of health of a pool's nodes, from the time of the request: ``CachePool/events``.
public struct NodeEvents: AsyncSequence, Sendable {
    let stream: AsyncStream<NodeEvent>

    /// How many changes are kept for a slow subscriber. Older ones are dropped, and counted in
    /// ``CachePool/droppedEvents``.
    public static let bufferSize = 256

    public func makeAsyncIterator() -> AsyncStream<NodeEvent>.Iterator { stream.makeAsyncIterator() }
}
