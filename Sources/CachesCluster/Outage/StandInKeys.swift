import CachesTransport

/// The names of the keys that are kept because of a node that is out.
package struct StandInKeys: Sendable {
    /// On each of the others: the keys written in place of the node, a hash with one field per key.
    let journal: String

    /// On each of the others: the node is back. They do not stand in any more.
    let back: String

    /// On the node itself: the lock of the process that repairs it.
    let fence: String

    /// The prefix of the names of values on a stand-in. The stand-in's generation, a colon, and the key
    /// follow.
    let copyPrefix: String

    /// On each stand-in: a name for the time since it came back itself. Values that it kept before, or that
    /// were sent before and it carried out only then, do not count after that.
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

    /// On the node that owns a key: when it was last written there while a process was in doubt about it, in
    /// milliseconds of the node's clock.
    package static func sure(_ key: String) -> String { "\(ReservedKeys.prefix)sure:\(key)" }
}

/// An entry of a journal.
enum JournalEntry: Hashable, Sendable {
    case key(String)
    /// Every key of a class, by their prefix.
    case scope(String)

    /// Parses the journal's field. nil for a field that no program with this library writes: one that covers
    /// more than a key of a cache, or more than the keys of one class, which begin with its prefix and a
    /// point.
    init?(field: Bytes) {
        guard let text = String(validating: field.dropFirst(), as: UTF8.self),
            !text.hasPrefix(ReservedKeys.prefix)
        else { return nil }
        switch field.first {
        case UInt8(ascii: "k") where !text.isEmpty: self = .key(text)
        // A class without a prefix has no such field: nothing may be removed for it.
        case UInt8(ascii: "s") where text.utf8.count > 1 && text.hasSuffix("."): self = .scope(text)
        default: return nil
        }
    }
}
