/// Something that is done to one server, or to the way to it, for a while.
struct Fault: Hashable, Sendable {
    /// What is done.
    enum Kind: Hashable, Sendable {
        /// The server is killed, and restarted at the end.
        case kill(keepsData: Bool)
        /// It is frozen.
        case pause
        /// Nothing passes between it and some clients, in one direction or both.
        case partition(Way)
        /// New connections of some clients are refused, and open ones reset.
        case refuse
        /// What passes takes so many milliseconds each way.
        case delay(milliseconds: Int)
    }

    /// The directions that nothing passes in.
    enum Way: String, Hashable, Sendable, CaseIterable { case toServer, toClient, both }

    var kind: Kind

    /// The server's position.
    var server: Int

    /// The clients that see it, by position; nil: all of them.
    var client: Int?

    /// Microseconds: since the run began in a schedule, on the machine's clock in what was done.
    var begin: Int64
    var end: Int64
}

extension Fault.Kind: CustomStringConvertible {
    var description: String {
        switch self {
        case .kill(let keepsData): keepsData ? "kill, restart with its data" : "kill, restart empty"
        case .pause: "pause"
        case .partition(let way): "partition \(way.rawValue)"
        case .refuse: "refuse"
        case .delay(let milliseconds): "delay of \(milliseconds) ms"
        }
    }

    /// One word, for counts and colours.
    var name: String {
        switch self {
        case .kill: "kill"
        case .pause: "pause"
        case .partition: "partition"
        case .refuse: "refuse"
        case .delay: "delay"
        }
    }

    /// The codes of errors that it may cause.
    var codes: Set<String> {
        switch self {
        case .kill: ["unreachable", "connection lost", "timeout", "server LOADING"]
        case .pause, .partition, .delay: ["timeout", "unreachable", "connection lost"]
        case .refuse: ["unreachable", "connection lost"]
        }
    }
}
