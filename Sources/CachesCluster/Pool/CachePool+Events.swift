extension CachePool {
    /// The changes of the nodes' health from now on, for any number of subscribers. It ends when the pool is
    /// closed.
    ///
    /// ```swift
    /// for await event in pool.events where event.to.isOut != event.from.isOut { print(event) }
    /// ```
    ///
    /// A slow subscriber loses the oldest changes: see ``NodeEvents/bufferSize`` and ``droppedEvents``.
    public var events: NodeEvents { context.hub.subscribe() }

    /// How many changes were dropped because a subscriber was slow.
    public var droppedEvents: Int { context.hub.dropped }

    /// Whether more than half of the nodes are out: then it is more likely that this process is cut off. No
    /// node then stands in for another (``OutagePolicy/gutter(ttl:)``).
    public var isInPanic: Bool { context.roster.isInPanic }
}
