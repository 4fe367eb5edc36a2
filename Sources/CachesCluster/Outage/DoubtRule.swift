/// Decides which keys may be old on a node that is used again, and which nodes note a write in its place.
///
/// The two belong together: a write is acknowledged when two others have noted it, and a key is in doubt when
/// two of the first three of its order could not be asked. Let A be those of the three that were asked, at
/// least two. A writer that passes over at most one node of A has the other among its two holders, so its
/// note was read. Fleets of two have one holder, and doubt when it could not be asked.
enum DoubtRule {
    /// The nodes that note a write of a key, in order: the first also carries it out. nil if there are too
    /// few: then nobody stands in for the owner.
    ///
    /// - Parameters:
    ///   - order: All nodes but the owner, by falling claim to the key.
    ///   - most: How many holders a note has, if there are as many nodes.
    static func holders<Server>(
        in order: [Server], most: Int = 2, isInUse: (Server) -> Bool
    ) -> [Server]? {
        let holders = order.filter(isInUse).prefix(most)
        guard !holders.isEmpty, holders.count == min(most, order.count) else { return nil }
        return Array(holders)
    }

    /// Whether a key is in doubt.
    ///
    /// - Parameters:
    ///   - order: All nodes but the owner, by falling claim to the key.
    ///   - isUnread: Whether a node's notes are unknown.
    static func holds<Server>(in order: [Server], isUnread: (Server) -> Bool) -> Bool {
        guard !order.isEmpty else { return false }
        return order.prefix(3).count(where: isUnread) >= min(2, order.count)
    }

    /// Whether any key can be in doubt, of those that are spread over a node and some others.
    static func canHold(unread: Int, of others: Int) -> Bool { others > 0 && unread >= min(2, others) }
}
