/// The unread notes about a node that a process uses again: those that some of the others took in its place.
struct Doubt: Hashable, Sendable {
    /// Why a node's notes have not been read.
    enum Reason: Hashable, Sendable {
        /// It did not answer.
        case silent
        /// It may have lost them.
        case lost
        /// It has so many that they are still being processed.
        case unfinished
    }

    /// The others whose notes have not been read, by identity.
    var unread: [String: Reason]

    /// When the node was used again, in milliseconds of its own clock: a value written there later is sure.
    let since: Int64

    /// When the doubt ends for nodes that are silent or have lost their notes. This removes nothing: from
    /// then on no process that can reach the node has anything left to tell.
    let end: ContinuousClock.Instant

    /// Whether a key is in doubt.
    /// - Parameter order: The identities of all nodes but the owner, by falling claim to the key.
    func covers(_ order: [String], now: ContinuousClock.Instant) -> Bool {
        DoubtRule.holds(in: order) { counts($0, now) }
    }

    /// The nodes that count as unread.
    func counted(now: ContinuousClock.Instant) -> Set<String> {
        Set(unread.keys.filter { counts($0, now) })
    }

    private func counts(_ node: String, _ now: ContinuousClock.Instant) -> Bool {
        switch unread[node] {
        case nil: false
        case .unfinished: true
        case .silent, .lost: now < end
        }
    }
}
