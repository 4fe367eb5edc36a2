/// The names of the keys that a hand-over leaves on servers: see ``CompanionKeys``.
///
/// They expire by themselves, some time after the hand-over. All processes that go from one configuration to
/// another use the same names, without any communication.
struct HandOverMarkers: Sendable {
    private let scope: String

    /// The names for a hand-over between two configurations, given by their fingerprints.
    init(from: String, to: String) { scope = "\(from)-\(to):" }

    /// The tombstone of a key at its old server: that server is no longer the owner.
    func moved(_ key: String) -> String { CompanionKeys.name("moved", of: key, scope: scope) }

    /// The receipt for a key at its new server: that server is the owner.
    func arrived(_ key: String) -> String { CompanionKeys.name("arrived", of: key, scope: scope) }
}
