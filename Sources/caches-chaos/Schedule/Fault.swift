/// Something that is done for a while to one server, to the way to it, or to one client process.
struct Fault: Hashable, Sendable {
    /// What is done.
    enum Kind: Hashable, Sendable {
        /// The server is killed, and restarted at the end.
        case kill(keepsData: Bool)
        /// It is frozen.
        case pause
        /// It loses all its data, at the beginning (FLUSHALL).
        case flush
        /// It closes the connections of some clients, at the beginning. New ones are taken.
        case hangUp
        /// Nothing passes between it and some clients, in one direction or both.
        case partition(Way)
        /// New connections of some clients are refused, and open ones reset.
        case refuse
        /// What passes takes so many milliseconds each way.
        case delay(milliseconds: Int)
        /// The client's process is frozen.
        case stopClient
        /// The client's process is killed, and another started in its place at the end.
        case killClient
        /// The client's process starts only at the end.
        case lateStart
    }

    /// The directions that nothing passes in.
    enum Way: String, Hashable, Sendable, CaseIterable { case toServer, toClient, both }

    var kind: Kind

    /// The server's position; nil for what is done to a client's process.
    var server: Int?

    /// The clients that see it, by position; nil: all of them.
    var client: Int?

    /// Microseconds: since the run began in a schedule, on the machine's clock in what was done.
    var begin: Int64
    var end: Int64

    /// Whether it may be what a client sees of a server.
    func isOnWay(from client: Int, to server: Int) -> Bool {
        (self.client ?? client) == client && (self.server ?? server) == server
    }
}

extension Fault.Kind {
    /// Whether the server has lost all its data afterwards: only that excuses keys that are missing.
    var empties: Bool { self == .kill(keepsData: false) || self == .flush }

    /// Whether it is done to a client's process.
    var isOfClient: Bool {
        switch self {
        case .stopClient, .killClient, .lateStart: true
        default: false
        }
    }

    /// Whether it is over as soon as it has begun.
    var isInstant: Bool { self == .flush || self == .hangUp }

    /// Whether a client that it concerns may take the server for out.
    var mayEject: Bool { self != .flush && self != .hangUp && self != .lateStart }

    /// The codes of errors that it may cause.
    var codes: Set<String> {
        switch self {
        case .kill: ["unreachable", "connection lost", "timeout", "server LOADING"]
        case .pause, .partition, .delay, .stopClient: ["timeout", "unreachable", "connection lost"]
        case .refuse: ["unreachable", "connection lost"]
        case .hangUp: ["connection lost"]
        case .flush, .killClient, .lateStart: []
        }
    }
}

extension Fault.Kind: CustomStringConvertible {
    var description: String {
        switch self {
        case .kill(let keepsData): keepsData ? "kill, restart with its data" : "kill, restart empty"
        case .partition(let way): "partition \(way.rawValue)"
        case .delay(let milliseconds): "delay of \(milliseconds) ms"
        case .pause, .flush, .hangUp, .refuse, .stopClient, .killClient, .lateStart: name
        }
    }

    /// One word or two, for counts and colours.
    var name: String {
        switch self {
        case .kill: "kill"
        case .pause: "pause"
        case .flush: "flush"
        case .hangUp: "hang-up"
        case .partition: "partition"
        case .refuse: "refuse"
        case .delay: "delay"
        case .stopClient: "client stopped"
        case .killClient: "client killed"
        case .lateStart: "client late"
        }
    }
}
