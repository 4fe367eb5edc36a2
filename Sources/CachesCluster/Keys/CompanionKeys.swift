/// The names of the keys that this library keeps beside a user's key, such as markers of a hand-over.
///
/// A companion is on its key's server, under every rule that spreads keys by hash tags, and in its key's slot
/// of a cluster, so that one command may follow the other there. Its name is reserved: `keys` and
/// `clear(matching:)` skip it.
package enum CompanionKeys {
    /// - Parameters:
    ///   - kind: The purpose of the companion.
    ///   - key: The key that it belongs to.
    ///   - scope: Tells companions of one kind apart; with a colon at its end. Default: empty.
    package static func name(_ kind: StaticString, of key: String, scope: String = "") -> String {
        let prefix = "\(ReservedKeys.prefix)\(kind):\(scope)"
        // It has its key's hash tag, or else the key as its tag. The letter keeps the companions of `x` and
        // `{x}` apart.
        guard HashTag.tag(of: key) == nil else { return "\(prefix)t:\(key)" }
        // A tag ends at its first brace, so this key can't be a tag. Its companion is at least in its slot of
        // a cluster.
        guard !key.utf8.contains(UInt8(ascii: "}")) else {
            return "\(prefix)s:{\(numbers[HashSlot.slot(of: key)])}\(key)"
        }
        return "\(prefix)k:{\(key)}"
    }

    /// For each slot of a cluster, the first number that, as a tag, is in it.
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
