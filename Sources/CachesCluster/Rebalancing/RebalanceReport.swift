public import CachesTransport

/// The result of ``CachePool/rebalance(from:matching:on:maximumRate:isTrial:deadline:progress:)``.
public struct RebalanceReport: Sendable {
    /// The result on one server of the earlier configuration.
    public struct Outcome: Sendable {
        /// The node's name, in the earlier configuration.
        public let node: String

        /// How many of its keys belong elsewhere and were moved there; in a trial, would be.
        public package(set) var moved = 0

        /// How many of its keys belong elsewhere, where there was already a value: that value was kept.
        public package(set) var kept = 0

        /// How many of its keys did not belong to it in the earlier configuration either, among the requested
        /// nodes. They stay.
        public package(set) var strays = 0

        /// How many keys could not be moved: their names are not text, or their new server is of an older
        /// version and can't read them. They stay.
        public package(set) var unmovable = 0

        /// How many keys were visited.
        public package(set) var visited = 0

        /// About how many keys the node had at the start, matching or not; nil if it doesn't say.
        public package(set) var total: Int?

        /// Why there may be keys left; nil if there are none.
        public package(set) var error: CachesError?

        init(node: String) { self.node = node }
    }

    /// The servers of the earlier configuration, in its order.
    public let nodes: [Outcome]

    /// How many keys were moved in all.
    public var moved: Int { nodes.reduce(0) { $0 + $1.moved } }

    /// Why keys may be left, one error per failed node; empty if no node failed.
    public var failures: [CachesError] { nodes.compactMap(\.error) }
}
