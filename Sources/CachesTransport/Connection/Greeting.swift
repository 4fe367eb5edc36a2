/// A connection's first commands, before any of its users', and the check of their answers.
///
/// It ends with a PING, which is refused by servers that load their data or have lost their master, as the
/// commands before it are not. So a connection that opened has proved that a server that speaks RESP, and
/// takes commands from this user, is at the other end.
struct Greeting {
    fileprivate enum Command {
        case authenticate(Credentials), name(String), select(Int), readOnly, role, ping
    }

    private let commands: [Command]
    private let endpoint: Endpoint

    /// - Parameter named: Whether the connection is named: some proxies close one on which they are asked to.
    init(_ configuration: ConnectionConfiguration, _ credentials: Credentials?, named: Bool = true) {
        var commands: [Command] = []
        if let credentials { commands.append(.authenticate(credentials)) }
        if named, !configuration.clientName.isEmpty { commands.append(.name(configuration.clientName)) }
        if configuration.database != 0 { commands.append(.select(configuration.database)) }
        if configuration.readsFromReplica { commands.append(.readOnly) }
        if configuration.requiresPrimary { commands.append(.role) }
        commands.append(.ping)
        endpoint = configuration.endpoint
        self.commands = commands
    }

    /// How many replies are due.
    var count: Int { commands.count }

    /// How many replies come before that to the connection's name; nil if it is given none.
    var repliesBeforeName: Int? { commands.firstIndex { if case .name = $0 { true } else { false } } }

    /// The commands except for the name, as a text: `AUTH, SELECT and PING`.
    var list: String {
        let names = commands.compactMap(\.label)
        return names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }

    func write(to writer: inout CommandWriter) {
        for command in commands {
            switch command {
            case .authenticate(let credentials): credentials.write(to: &writer)
            case .name(let name):
                writer.begin(3)
                writer.argument("CLIENT")
                writer.argument("SETNAME")
                writer.argument(name)
            case .select(let database):
                writer.begin(2)
                writer.argument("SELECT")
                writer.argument(database)
            case .readOnly:
                writer.begin(1)
                writer.argument("READONLY")
            case .role: Role.write(to: &writer)
            case .ping:
                writer.begin(1)
                writer.argument("PING")
            }
        }
    }

    /// Checks the answers, in order.
    /// - Throws: ``CachesError`` for the first that means the connection is of no use.
    func check(_ replies: [Reply]) throws(CachesError) {
        guard replies.count == commands.count else { throw Self.unexpected }
        for (command, reply) in zip(commands, replies) {
            switch command {
            case .role:
                try Role(reply).check(endpoint)
                continue
            // A courtesy to readers of the server's list of clients. An error here does not harm the
            // connection: proxies and users without the right to name one say so in many words.
            case .name: continue
            case .authenticate, .select, .readOnly, .ping: break
            }
            switch reply {
            case .status("OK"), .status("PONG"): continue
            case .error(let answer):
                if let error = Self.judge(command, answer) { throw error }
            default: throw Self.unexpected
            }
        }
    }

    private static let unexpected = CachesError(
        .protocolViolation, "The peer does not answer as a Redis or Valkey server does.",
        advice: "Check the address and port.")

    private static func judge(_ command: Command, _ answer: ServerError) -> CachesError? {
        switch command {
        case .authenticate(let credentials): authenticationError(credentials, answer)
        case .select(let database): selectError(database, answer)
        // Without it the replica sends its readers on to the master, who answers them.
        case .name, .readOnly: nil
        case .role, .ping: isForbidden(answer) ? nil : refused(answer)
        }
    }

    static func authenticationError(_ credentials: Credentials, _ answer: ServerError) -> CachesError {
        let who = credentials.username.map { "the user \($0)" } ?? "the default user"
        if answer.message.contains("without any password configured")
            || answer.message.contains("no password is set")
        {
            return CachesError(
                .authentication, "The DSN has a password for \(who), but the server has none set.",
                advice:
                    "Take the password out of the DSN, or set one on the server (requirepass, ACL SETUSER).")
        }
        // The name of a user is not secret: it shows which one to check.
        guard answer.name == "WRONGPASS" || answer.name == "ERR" && answer.message.contains("password") else {
            guard !SentSecrets.isQuoted(credentials.password, in: answer.message) else {
                return CachesError(
                    .authentication, "The server refused AUTH, in words that hold the password.",
                    advice: "See the server's own log: they are left out here.")
            }
            return refused(answer)
        }
        return CachesError(
            .authentication, "The server refused the password of \(who) (\(answer.shownName)).",
            advice: "Check the user and password of the DSN; special characters are percent-encoded.")
    }

    private static func selectError(_ database: Int, _ answer: ServerError) -> CachesError {
        if isForbidden(answer) {
            return CachesError(
                .authentication, "The user may not choose database \(database).",
                advice: "Grant it the SELECT command (ACL SETUSER … +select), or use database 0.")
        }
        guard answer.name == "ERR" else { return refused(answer) }
        return CachesError(
            .configuration, "The server has no database \(database): \(answer.sentence)",
            advice: "Use a number below the server's `databases` setting, 16 by default.")
    }

    private static func isForbidden(_ answer: ServerError) -> Bool { answer.name == "NOPERM" }

    /// The server is there, and takes no commands from this client, or none now.
    private static func refused(_ answer: ServerError) -> CachesError {
        // A server that doesn't know a command quotes its arguments: a password must not get into the text.
        guard !answer.message.contains("unknown command") else {
            return CachesError(
                .protocolViolation, "The server does not know the commands that open a connection.",
                advice: "Undo rename-command for AUTH, SELECT and PING.")
        }
        switch answer.name {
        case "NOAUTH":
            return CachesError(
                .authentication, "The server asks for a password, and the DSN has none.",
                advice: "Put it into the DSN: redis://user:password@host.")
        case "DENIED", "LOADING", "MASTERDOWN", "BUSY", "ERR":
            return CachesError(
                .unreachable, "The server takes no commands: \(answer.sentence)",
                advice: "Wait until it does, or change what it complains about.")
        default: return answer.error(node: nil)
        }
    }
}

extension Greeting.Command {
    /// Its name in errors; nil for the connection's name, which never causes one.
    fileprivate var label: String? {
        switch self {
        case .authenticate: "AUTH"
        case .name: nil
        case .select: "SELECT"
        case .readOnly: "READONLY"
        case .role: "ROLE"
        case .ping: "PING"
        }
    }
}
