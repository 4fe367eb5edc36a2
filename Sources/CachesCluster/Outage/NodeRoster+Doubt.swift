extension NodeRoster {
    /// Whether any key of a node can be in doubt if some of the others could not be asked.
    ///
    /// - Parameter unread: The identities of those others.
    func canDoubt(_ node: Node, unread: Set<String>) -> Bool {
        guard !unread.isEmpty else { return false }
        return spreads(with: node).contains { others in
            DoubtRule.canHold(unread: others.count { unread.contains($0.identity) }, of: others.count)
        }
    }
}
