extension CachePool {
    /// The changes of the nodes' health from now on, for as many as ask for them. It ends when the pool is
    /// closed.
    ///
    /// ```swift
    /// for await event in pool.events where event.to.isOut != event.from.isOut { print(event) }
    /// ```
    ///
    /// Who is slow loses the oldest changes: see ``NodeEvents/bufferSize`` and ``droppedEvents``.
    public var events: NodeEvents { context.hub.subscribe() }

    /// How many changes were dropped since who asked for them did not take them in time.
    public var droppedEvents: Int { context.hub.dropped }

    /// Whether so many nodes are out that it is more likely this process that is cut off: more than half. No
    /// node then stands in for another (``OutagePolicy/gutter(ttl:)``).
    public var isInPanic: Bool { context.roster.isInPanic }
}
