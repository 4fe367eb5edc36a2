import Synchronization

/// What this process counts of its caches.
public enum CacheCounters {
    private static let undecodableCount = Atomic<Int>(0)

    /// How many stored values could not be decoded and were taken for a miss, since the process started.
    ///
    /// It grows while two versions of a program with different types share a prefix. If it goes on growing,
    /// two classes do; ``Cache/getOrThrow()`` says which key it is and why.
    public static var undecodable: Int { undecodableCount.load(ordering: .relaxed) }

    static func countUndecodable() { undecodableCount.wrappingAdd(1, ordering: .relaxed) }
}
