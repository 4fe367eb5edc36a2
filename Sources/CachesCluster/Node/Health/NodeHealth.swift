/// Whether a node is used, and if not, how far it is on its way back.
///
///     healthy ⇄ suspect ──► ejected ──► probing ──► rejoining ──► healthy
///                              ▲────────────┴────────────┘ at the next failure
public enum NodeHealth: UInt8, Hashable, Sendable, CaseIterable {
    /// It answers, or has not been asked yet.
    case healthy
    /// Something failed. Calls still go there, and the node is pinged.
    case suspect
    /// It is out: it failed too often in a row, or can't be reached. Calls fail at once with the reason; it
    /// is asked again later.
    case ejected
    /// It is out, and being asked whether it is back.
    case probing
    /// It is out, answers again, and is being prepared for use.
    case rejoining

    /// Whether calls are kept from it.
    public var isOut: Bool { self != .healthy && self != .suspect }
}

extension NodeHealth: CustomStringConvertible {
    /// The case's name.
    public var description: String {
        switch self {
        case .healthy: "healthy"
        case .suspect: "suspect"
        case .ejected: "ejected"
        case .probing: "probing"
        case .rejoining: "rejoining"
        }
    }
}
