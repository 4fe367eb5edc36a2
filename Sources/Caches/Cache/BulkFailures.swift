/// The failures of writes of many keys, by the outage policy. Keys are known by where they stand
/// in the order given.
struct BulkFailures {
    let policy: OutagePolicy

    /// Why the first failed.
    private(set) var first: (any Error)?

    /// The keys whose node is out, and for which there may be time to do as the policy says.
    private(set) var retries: [Int] = []

    init(policy: OutagePolicy) { self.policy = policy }

    /// Notes why the write of a key failed. A node that was too late leaves no time, and is not asked again.
    mutating func note(_ error: any Error, at position: Int) {
        if policy != .fail, let error = error as? CachesError, error.leavesTime {
            retries.append(position)
        } else if policy == .miss, let error = error as? CachesError, error.isOutage {
            CacheCounters.countDropped()
        } else if first == nil {
            first = error
        }
    }
}
