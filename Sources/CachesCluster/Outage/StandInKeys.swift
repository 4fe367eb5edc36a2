import CachesTransport

/// The names of what is kept on account of a node that is out.
struct StandInKeys: Sendable {
    /// On each stand-in: which keys were written there, a hash of a field a key.
    let journal: String

    /// On each node that stood in: the node is back. It does not stand in any more.
    let back: String

    /// On the node itself: who puts it right.
    let fence: String

    /// On the node itself: when all single values were removed, in milliseconds of its clock.
    let flushed: String

    /// On the node itself: when a process passed that could ask all other nodes, in the same way.
    let passed: String

    /// What begins the names of values on a stand-in. The stand-in's generation follows, a colon, and the key.
    let copyPrefix: String

    /// On each stand-in: a name for the time since it came back itself. What it kept before, or was sent before and did
    /// only then, is of no account after that.
    static let generation = ReservedKeys.prefix + "generation"

    /// The names for a node, by its identity: a name for its data, wherever it runs.
    init(for identity: String) {
        let prefix = ReservedKeys.prefix
        journal = "\(prefix)journal:\(identity)"
        back = "\(prefix)back:\(identity)"
        fence = "\(prefix)fence:\(identity)"
        flushed = "\(prefix)flushed:\(identity)"
        passed = "\(prefix)passed:\(identity)"
        copyPrefix = "\(prefix)gutter:\(identity):"
    }

    /// What a key's note becomes when there are too many: the first part of the key, with the dot, which is the
    /// prefix of its class; or everything.
    static func scope(of key: String) -> String {
        guard let dot = key.utf8.firstIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(key[...dot])
    }
}

/// What a journal notes.
enum JournalEntry: Hashable, Sendable {
    case key(String)
    /// Every key that begins so.
    case scope(String)

    /// By the journal's field.
    init?(field: Bytes) {
        guard let text = String(validating: field.dropFirst(), as: UTF8.self) else { return nil }
        switch field.first {
        case UInt8(ascii: "k"): self = .key(text)
        case UInt8(ascii: "s"): self = .scope(text)
        default: return nil
        }
    }
}
