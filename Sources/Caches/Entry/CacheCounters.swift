import Synchronization

/// The counters of this process's caches since it started.
public enum CacheCounters {
    private static let undecodableCount = Atomic<Int>(0)
    private static let stoodInCount = Atomic<Int>(0)
    private static let doubtedCount = Atomic<Int>(0)
    private static let missedCount = Atomic<Int>(0)
    private static let droppedCount = Atomic<Int>(0)
    private static let unreleasedCount = Atomic<Int>(0)
    private static let outlivedCount = Atomic<Int>(0)
    private static let bypassedCount = Atomic<Int>(0)
    private static let sharedCount = Atomic<Int>(0)
    private static let nestedCount = Atomic<Int>(0)

    /// How many stored values could not be decoded and were taken for a miss.
    ///
    /// It grows while two versions of a program with different types share a prefix. If it goes on growing,
    /// two classes do; ``Cache/getOrThrow()`` says which key it is and why.
    public static var undecodable: Int { undecodableCount.load(ordering: .relaxed) }

    /// How many calls another node answered because the key's own was out (``OutagePolicy/gutter(ttl:)``).
    public static var stoodIn: Int { stoodInCount.load(ordering: .relaxed) }

    /// How many calls found nothing because their node had just come back and might have had a value that is
    /// too old: the nodes that took notes while it was out did not all answer. It ends some seconds after a
    /// node's return.
    public static var doubted: Int { doubtedCount.load(ordering: .relaxed) }

    /// How many reads found nothing because their node was out (``OutagePolicy/miss``).
    public static var missed: Int { missedCount.load(ordering: .relaxed) }

    /// How many writes were dropped because their node was out (``OutagePolicy/miss``).
    public static var dropped: Int { droppedCount.load(ordering: .relaxed) }

    /// How many locks, and claims of work that failed, were not known to be given back, since the node failed
    /// or was late: at the latest they end with their ttl.
    public static var unreleased: Int { unreleasedCount.load(ordering: .relaxed) }

    /// How many locks were no longer held when ``LockCache/withLock(waitingAtMost:ttl:_:)`` gave them back:
    /// the work took longer than the ttl, and somebody else may have worked at the same time.
    public static var outlived: Int { outlivedCount.load(ordering: .relaxed) }

    /// How many times ``Cache/fetch(ttl:unless:_:)`` returned a value that it had computed because the cache
    /// could not be read, or that could not be stored.
    ///
    /// It grows while a node is out. If it grows while all nodes are up, ``Cache/get()`` and
    /// ``Cache/set(_:ttl:)`` throw the error.
    public static var bypassed: Int { bypassedCount.load(ordering: .relaxed) }

    /// How many calls of ``Cache/fetch(ttl:unless:_:)`` returned a value that another call in this process
    /// computed.
    public static var shared: Int { sharedCount.load(ordering: .relaxed) }

    /// How many calls of ``Cache/fetch(ttl:unless:_:)`` computed a value that another call in this process
    /// was computing, to avoid a deadlock: that one waits, directly or through others, for the computation
    /// that makes this call.
    public static var nested: Int { nestedCount.load(ordering: .relaxed) }

    @usableFromInline static func countUndecodable() { undecodableCount.wrappingAdd(1, ordering: .relaxed) }
    static func countStoodIn() { stoodInCount.wrappingAdd(1, ordering: .relaxed) }
    static func countDoubted() { doubtedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countMissed() { missedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countDropped() { droppedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countUnreleased() { unreleasedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countOutlived() { outlivedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countShared() { sharedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countNested() { nestedCount.wrappingAdd(1, ordering: .relaxed) }
    static func countBypassed() { bypassedCount.wrappingAdd(1, ordering: .relaxed) }
}
