import CachesTransport

/// The names of what is kept on account of a node that is out.
package struct StandInKeys: Sendable {
    /// On each of the others: which keys were written in place of the node, a hash of a field a key.
    let journal: String

    /// On each of the others: the node is back. They do not stand in any more.
    let back: String

    /// On the node itself: who puts it right.
    let fence: String

    /// What begins the names of values on a stand-in. The stand-in's generation follows, a colon, and the key.
    let copyPrefix: String

    /// On each stand-in: a name for the time since it came back itself. What it kept before, or was sent before and did
    /// only then, is of no account after that.
    static let generation = ReservedKeys.prefix + "generation"

    /// On each server, after another was out: see ``ServerMemory``.
    static let memory = ReservedKeys.prefix + "memory"

    /// How long ``memory`` is kept after a node was last seen to go out: a day longer than notes.
    static let memoryTTL = StandIn.journalTTL + .seconds(24 * 3600)

    /// The names for a node, by its identity: a name for its data, wherever it runs.
    init(for identity: String) {
        let prefix = ReservedKeys.prefix
        journal = "\(prefix)journal:\(identity)"
        back = "\(prefix)back:\(identity)"
        fence = "\(prefix)fence:\(identity)"
        copyPrefix = "\(prefix)gutter:\(identity):"
    }

    /// On the node that owns a key: when it was last written there while somebody was in doubt about it, in milliseconds of
    /// the node's clock.
    package static func sure(_ key: String) -> String { "\(ReservedKeys.prefix)sure:\(key)" }
}

/// What a journal notes.
enum JournalEntry: Hashable, Sendable {
    case key(String)
    /// Every key of a class, which begins so.
    case scope(String)

    /// By the journal's field. nil for what no program with this library writes: one that reached further
    /// than a key of a cache, or the keys of one class, which begin with its prefix and a point.
    init?(field: Bytes) {
        guard let text = String(validating: field.dropFirst(), as: UTF8.self),
            !text.hasPrefix(ReservedKeys.prefix)
        else { return nil }
        switch field.first {
        case UInt8(ascii: "k") where !text.isEmpty: self = .key(text)
        // A class without a prefix has none: nothing may be removed for it.
        case UInt8(ascii: "s") where text.utf8.count > 1 && text.hasSuffix("."): self = .scope(text)
        default: return nil
        }
    }
}
