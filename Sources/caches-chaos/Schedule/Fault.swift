/// A fault that one server, the way to it, or one client process has for a while.
struct Fault: Hashable, Sendable {
    /// The kind of a fault.
    enum Kind: Hashable, Sendable {
        /// The server is killed, and restarted at the end.
        case kill(keepsData: Bool)
        /// The server is frozen.
        case pause
        /// The server loses all its data, at the beginning (FLUSHALL).
        case flush
        /// The server closes the connections of some clients, at the beginning. It accepts new ones.
        case hangUp
        /// No data passes between the server and some clients, in one direction or both.
        case partition(Way)
        /// New connections of some clients are refused, and open ones reset.
        case refuse
        /// Data takes so many milliseconds in each direction.
        case delay(milliseconds: Int)
        /// The client's process is frozen.
        case stopClient
        /// The client's process is killed, and another one replaces it at the end.
        case killClient
        /// The client's process starts only at the end.
        case lateStart
    }

    /// The directions in which no data passes.
    enum Way: String, Hashable, Sendable, CaseIterable { case toServer, toClient, both }

    var kind: Kind

    /// The server's position; nil for a fault of a client's process.
    var server: Int?

    /// The position of the client that sees the fault; nil if all clients do.
    var client: Int?

    /// The times in microseconds: in a schedule since the run began, in a record on the machine's clock.
    var begin: Int64
    var end: Int64

    /// Whether the fault can affect a client's view of a server.
    func isOnWay(from client: Int, to server: Int) -> Bool {
        (self.client ?? client) == client && (self.server ?? server) == server
    }
}

extension Fault.Kind {
    /// Whether the server loses all its data: only that excuses missing keys.
    var empties: Bool { self == .kill(keepsData: false) || self == .flush }

    /// Whether it is a fault of a client's process.
    var isOfClient: Bool {
        switch self {
        case .stopClient, .killClient, .lateStart: true
        default: false
        }
    }

    /// Whether the fault is over as soon as it has begun.
    var isInstant: Bool { self == .flush || self == .hangUp }

    /// Whether a client that the fault concerns may put the server out.
    var mayEject: Bool { self != .flush && self != .hangUp && self != .lateStart }

    /// The codes of the errors that the fault may cause.
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

    /// The name in one or two words, for counts and colours.
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
