public import CachesTransport

/// What came of ``CachePool/rebalance(from:matching:on:maximumRate:isTrial:deadline:progress:)``.
public struct RebalanceReport: Sendable {
    /// What came of it on one server of the earlier configuration.
    public struct Outcome: Sendable {
        /// The node's name, in the earlier configuration.
        public let node: String

        /// How many keys it had that belong elsewhere, and are there now; in a trial, would be.
        public package(set) var moved = 0

        /// How many keys it had that belong elsewhere, where there was a value already: that was kept.
        public package(set) var kept = 0

        /// How many keys it had that did not belong to it in the earlier configuration either, among the nodes
        /// that were asked for. They stay.
        public package(set) var strays = 0

        /// How many keys could not be moved: their names are not text, or their new server is of an older version
        /// and can't read them. They stay.
        public package(set) var unmovable = 0

        /// How many keys were looked at.
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

    /// Why keys may be left, one error a node that failed; empty if all went well.
    public var failures: [CachesError] { nodes.compactMap(\.error) }
}
