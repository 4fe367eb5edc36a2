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
        guard HashTag.tag(of: key) == nil else { return "\(prefix)t:\(key)" }
        // A tag ends at its first brace: this key can be none. Its marker is kept in its slot of a cluster, at least.
        guard !key.utf8.contains(UInt8(ascii: "}")) else {
            return "\(prefix)s:{\(Self.numbers[HashSlot.slot(of: key)])}\(key)"
        }
        return "\(prefix)k:{\(key)}"
    }

    /// For each slot of a cluster the first number that, as a tag, is in it.
    private static let numbers: [Int] = {
        var numbers: [Int?] = Array(repeating: nil, count: HashSlot.count)
        var (number, missing) = (0, HashSlot.count)
        while missing > 0 {
            let slot = HashSlot.slot(of: "\(number)")
            if numbers[slot] == nil {
                numbers[slot] = number
                missing -= 1
            }
            number += 1
        }
        return numbers.compactMap(\.self)
    }()
}
