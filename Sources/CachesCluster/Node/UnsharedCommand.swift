internal import CachesTransport

/// Commands that a connection shared by all tasks can't carry: they silently change it for the calls of all
/// others, or keep them waiting.
enum UnsharedCommand {
    /// The harm that a command does, with the alternative to use.
    private enum Harm {
        case transaction, subscription, database, identity, replies, mode, end, stream, blocking

        var fault: String {
            switch self {
            case .transaction: "would take other tasks' commands into its transaction, or end theirs"
            case .subscription: "would make the connection a subscriber, which takes no other command"
            case .database: "would change the database of all who share the connection"
            case .identity: "would change the user or the protocol of all who share the connection"
            case .replies: "would change which replies come, and to whom"
            case .mode: "would change how the connection's later commands are taken"
            case .end: "would end the connection that all tasks share"
            case .stream: "would turn the connection into a stream of other data"
            case .blocking: "would keep all other calls of the node waiting"
            }
        }

        var advice: String {
            switch self {
            case .transaction: "Use `pool.transaction`. \(Self.own)"
            case .database: "Write the database into the DSN: redis://host/2. \(Self.own)"
            case .identity: "Write user and password into the DSN. \(Self.own)"
            case .end: "Close the pool to close its connections."
            case .subscription, .replies, .mode, .stream, .blocking: Self.own
            }
        }

        private static let own = "For a connection of your own: `Connection(node.configuration.connection)`."
    }

    private static let harms: [String: Harm] = [
        "MULTI": .transaction, "EXEC": .transaction, "DISCARD": .transaction, "WATCH": .transaction,
        "UNWATCH": .transaction,
        "SUBSCRIBE": .subscription, "PSUBSCRIBE": .subscription, "SSUBSCRIBE": .subscription,
        "UNSUBSCRIBE": .subscription, "PUNSUBSCRIBE": .subscription, "SUNSUBSCRIBE": .subscription,
        "SELECT": .database,
        "AUTH": .identity, "HELLO": .identity, "RESET": .identity,
        "CLIENT REPLY": .replies, "CLIENT TRACKING": .replies, "CLIENT CACHING": .replies,
        "ASKING": .mode, "READONLY": .mode, "READWRITE": .mode, "CLIENT NO-TOUCH": .mode,
        "SCRIPT DEBUG": .mode,
        "QUIT": .end,
        "MONITOR": .stream, "SYNC": .stream, "PSYNC": .stream, "REPLCONF": .stream,
        "BLPOP": .blocking, "BRPOP": .blocking, "BRPOPLPUSH": .blocking, "BLMOVE": .blocking,
        "BLMPOP": .blocking, "BZPOPMIN": .blocking, "BZPOPMAX": .blocking, "BZMPOP": .blocking,
        "WAIT": .blocking, "WAITAOF": .blocking,
    ]

    /// Throws if the words are such a command, in any case.
    static func check(_ words: [String]) throws(CachesError) {
        guard let first = words.first, !first.isEmpty else {
            throw CachesError(
                .invalidArgument, "The command has no name.",
                advice: "Give it: `node.send(\"PING\")`.")
        }
        let name = first.uppercased()
        if let harm = harms[name] { throw error(name, harm) }
        if words.count > 1 {
            let pair = name + " " + words[1].uppercased()
            if let harm = harms[pair] { throw error(pair, harm) }
        }
        if name == "XREAD" || name == "XREADGROUP", words.contains(where: { $0.uppercased() == "BLOCK" }) {
            throw error(name + " … BLOCK", .blocking)
        }
    }

    private static func error(_ name: String, _ harm: Harm) -> CachesError {
        CachesError(.invalidArgument, "\(name) \(harm.fault), and was not sent.", advice: harm.advice)
    }
}
