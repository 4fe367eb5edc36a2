/// The changes of health of a pool's nodes, from when it was asked for: ``CachePool/events``.
public struct NodeEvents: AsyncSequence, Sendable {
    let stream: AsyncStream<NodeEvent>

    /// How many changes are kept for who is slow to take them. Older ones are dropped, and counted in
    /// ``CachePool/droppedEvents``.
    public static let bufferSize = 256

    public func makeAsyncIterator() -> AsyncStream<NodeEvent>.Iterator { stream.makeAsyncIterator() }
}
