import Synchronization

/// A server that means harm: it opens connections as a sound one does, and then answers anything, at any
/// speed and length.
///
/// ```swift
/// let server = try HostileServer { command in
///     command.name == "GET" ? .line(":", endless: "9") : .truth
/// }
/// let pool = try CachePool([server.dsn()])
/// …                                    // what does the application do with such an answer?
/// server.stop()
/// ```
///
/// It speaks the commands with which clients open connections, ask a cluster for its slots and Sentinels for
/// their primary, so that its lies begin where a test wants them: see ``Command/isOpening``. One server plays
/// all parts at the same time. As a cluster it owns all slots (``dsn(scheme:name:)`` with `redis+cluster`),
/// as a Sentinel it names itself (``sentinelDSN(password:name:)``); ``formCluster(_:)`` and ``watch(over:)``
/// make several of them one.
///
/// Behind it there may be a real server, which then gives the true answers: most harm is done by answers that
/// are almost right.
///
/// It speaks plain TCP and RESP2 on 127.0.0.1 alone. One thread serves all connections of a server.
public final class HostileServer: Sendable {
    /// The port, on 127.0.0.1 alone.
    public let port: Int

    private let role: HostileRole
    private let thread: ServerThread<HostileConnection>

    /// Listens, and answers each command as the behaviour says.
    ///
    /// - Parameters:
    ///   - behaviour: Its answers.
    ///   - server: The real server that gives the true answers. It has to be open to all and listen on TCP.
    ///     nil: the truth about anything but opening a connection is null.
    ///   - database: The number of the database there, from 0.
    /// - Throws: ``FleetError`` if the system refuses a socket, or the real server has no port.
    public init(
        _ behaviour: Behaviour, before server: LocalServer? = nil, database: Int = 0
    ) throws(FleetError) {
        let target = try server.map { server throws(FleetError) in
            guard let port = server.port else {
                throw FleetError(
                    .system,
                    "\(server.name) listens on a unix socket, which the hostile server does not reach.",
                    advice: "Give it another transport.")
            }
            return HostileRole.Target(port: UInt16(port), database: database)
        }
        let listener = try LoopbackListener()
        port = listener.port
        let role = HostileRole(behaviour, neighbours: Neighbours(port: port), target: target)
        self.role = role
        thread = try ServerThread(listener, label: "caches.hostile-server") { socket, number in
            HostileConnection(socket, number: number, in: role)
        }
    }

    /// Listens, and answers each command as the closure says: see ``Answer``. It is called on the server's
    /// own thread.
    public convenience init(
        before server: LocalServer? = nil, database: Int = 0,
        _ answer: @escaping @Sendable (Command) -> Answer
    ) throws(FleetError) {
        try self.init(Behaviour(answer), before: server, database: database)
    }

    /// A DSN that leads here, such as `redis://127.0.0.1:40123/0#hostile`. With the scheme `redis+cluster`
    /// the server is one of a cluster.
    ///
    /// - Parameters:
    ///   - scheme: The part before `://`.
    ///   - password: The password that clients show. The server takes any.
    ///   - name: The node's name.
    public func dsn(scheme: String = "redis", password: String? = nil, name: String = "hostile") -> String {
        let credentials = password.map { ":\(DSNText.encoded($0))@" } ?? ""
        let database = scheme.hasSuffix("cluster") ? "" : "0"
        return
            "\(scheme)://\(credentials)127.0.0.1:\(port)/\(database)#\(DSNText.encoded(name, allowing: "/"))"
    }

    /// A DSN by which this server is the Sentinel of the service `mymaster`.
    public func sentinelDSN(password: String? = nil, name: String = "hostile") -> String {
        let credentials = password.map { ":\(DSNText.encoded($0))@" } ?? ""
        return "redis+sentinel://\(credentials)127.0.0.1:\(port)/\(Neighbours.service)/0"
            + "#\(DSNText.encoded(name, allowing: "/"))"
    }

    /// From now on the servers say that they are one cluster, in which each owns an equal share of the slots,
    /// in order.
    public static func formCluster(_ servers: [HostileServer]) {
        for server in servers { server.role.neighbours.withLock { $0.members = servers.map(\.port) } }
    }

    /// From now on the server names another one as the primary of its service, where it is asked as a
    /// Sentinel.
    public func watch(over primary: HostileServer) {
        role.neighbours.withLock { $0.primary = primary.port }
    }

    /// How many connections it has accepted so far.
    public var acceptedConnections: Int { thread.accepted }

    /// How many commands have come so far.
    public var receivedCommands: Int { role.received.load(ordering: .relaxed) }

    /// Closes the port and all connections, and returns when that is done. Harmless when repeated.
    public func stop() { thread.stop() }
}

extension HostileServer {
    /// The answers of a hostile server, by command.
    public struct Behaviour: Sendable {
        let answer: @Sendable (Command) -> Answer

        /// Answers each command as the closure says. It is called on the server's own thread, in the order of
        /// the commands of a connection, and before the next one is answered.
        public init(_ answer: @escaping @Sendable (Command) -> Answer) { self.answer = answer }

        /// The truth, always: as a sound server.
        public static let friendly = Behaviour { _ in .truth }

        /// One answer to all commands of a name, in capitals; the truth to others.
        ///
        /// - Parameter name: nil: to all commands but those that open a connection.
        public static func replies(_ answer: Answer, to name: String? = nil) -> Behaviour {
            Behaviour { command in
                (name.map { $0 == command.name } ?? !command.isOpening) ? answer : .truth
            }
        }

        /// Lies of many kinds, the same ones for the same seed, commands and connections.
        ///
        /// - Parameters:
        ///   - seed: The seed of the lies.
        ///   - share: How many of a hundred commands are lied to, those that open a connection left out.
        ///   - lies: The kinds. Default: all.
        public static func random(
            seed: UInt64, share: Int = 50, lies: Set<Lie> = Set(Lie.allCases)
        ) -> Behaviour {
            let sorted = Lie.allCases.filter(lies.contains)
            return Behaviour { command in
                var generator = SplitMix64(
                    seed: seed &+ UInt64(command.connection) << 32 &+ UInt64(command.index))
                guard !command.isOpening, let lie = sorted.randomElement(using: &generator),
                    Int.random(in: 0..<100, using: &generator) < share
                else { return .truth }
                return lie.answer(to: command, using: &generator)
            }
        }
    }

    /// A command that a client has sent.
    public struct Command: Hashable, Sendable {
        /// Its words, as they came. There is at least one.
        public let words: [[UInt8]]

        /// The number of its connection, from 0, in the order in which they were accepted.
        public let connection: Int

        /// The number of the command on its connection, from 0.
        public let index: Int

        /// A sound server's answer: a whole reply in RESP2.
        public internal(set) var truth: [UInt8] = []

        /// The first word, in capitals.
        public let name: String

        init(words: [[UInt8]], connection: Int, index: Int) {
            self.words = words
            self.connection = connection
            self.index = index
            name = Self.text(words.first ?? []).uppercased()
        }

        /// A command of one word, as if it had come.
        package init(name: String, truth: String, index: Int) {
            self.init(words: [Array(name.utf8)], connection: 0, index: index)
            self.truth = Array(truth.utf8)
        }

        /// A word as text, with wrong UTF-8 repaired; nil if there are fewer.
        public func text(_ index: Int) -> String? {
            words.indices.contains(index) ? Self.text(words[index]) : nil
        }

        /// Whether it is one of those that clients send before their users' commands, or to find out the
        /// topology: `AUTH`, `HELLO`, `CLIENT`, `SELECT`, `READONLY`, `READWRITE`, `ROLE`, `PING`, `CLUSTER`,
        /// `SENTINEL`, `SUBSCRIBE`, `UNSUBSCRIBE`.
        public var isOpening: Bool { Courtesy.names.contains(name) }

        private static func text(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self) }
    }
}
