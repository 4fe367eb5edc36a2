/// The names of the keys that a hand-over leaves on servers.
///
/// They end by themselves, some time after the hand-over. All processes that go from one configuration to
/// another have the same names for it, without a word among them.
struct HandOverMarkers: Sendable {
    private let handOver: String

    /// The names for a hand-over between two configurations, given by their fingerprints.
    init(from: String, to: String) { handOver = "\(from)-\(to)" }

    /// The tombstone of a key at its old server: it is not the owner any more.
    func moved(_ key: String) -> String { name("moved", key) }

    /// The receipt for a key at its new server: it is the owner.
    func arrived(_ key: String) -> String { name("arrived", key) }

    // A marker has its key's hash tag, or else the key as its tag: whatever spreads keys by tags keeps the two
    // together. The letter keeps the markers of `x` and `{x}` apart.
    private func name(_ kind: String, _ key: String) -> String {
        let prefix = "\(ReservedKeys.prefix)\(kind):\(handOver):"
        return HashTag.tag(of: key) == nil ? "\(prefix)k:{\(key)}" : "\(prefix)t:\(key)"
    }
}
