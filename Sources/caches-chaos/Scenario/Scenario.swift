/// An order of events that brings about one fault, if the clients have it: faults of servers and clients, and
/// writes and reads, one after the other.
///
/// Chance does not find such orders in minutes. The steps wait for one another rather than for a time to
/// pass, wherever a client or a server shows that a step is done.
struct Scenario: Hashable, Sendable {
    /// How many servers, and how many clients.
    var servers = 3
    var clients = 2

    /// How many milliseconds a call may take.
    var deadline = 500

    var steps: [Step]
}

/// One step of a scenario. Servers and clients are named by position.
enum Step: Hashable, Sendable {
    /// A fault begins. It replaces an earlier one of the same server for the same client.
    case begin(Fault.Kind, server: Int?, client: Int?)
    /// The fault of a server for a client ends.
    case end(server: Int?, client: Int?)
    /// A server loses all its data.
    case flush(server: Int)
    case write(client: Int, ScenarioKey, version: Int)
    case read(client: Int, ScenarioKey)
    /// A client reads keys of a server until the server is out for it.
    case untilOut(client: Int, server: Int)
    /// Waits until a client uses a server. The checker judges it if the client doesn't.
    case untilUsed(client: Int, server: Int)
    /// Waits until a key is no longer on its owner.
    case untilRemoved(ScenarioKey)
    /// A fault begins, and goes on until the server has carried out the command so many times since then.
    case expect(server: Int, command: String, times: Int, after: FollowingStep)
    /// Waits for some milliseconds.
    case pause(milliseconds: Int)
}

/// The fault that begins before a command is expected.
struct FollowingStep: Hashable, Sendable {
    var kind: Fault.Kind
    var server: Int
    var client: Int
}

/// A key of the clients' load, by the servers that serve it.
struct ScenarioKey: Hashable, Sendable {
    /// The owner, then its stand-ins, in order.
    var order: [Int]

    init(_ order: Int...) { self.order = order }
}

extension Step {
    /// The key that the step writes, reads or waits for.
    var key: ScenarioKey? {
        switch self {
        case .write(_, let key, _), .read(_, let key), .untilRemoved(let key): key
        default: nil
        }
    }
}

extension Step: CustomStringConvertible {
    var description: String {
        func side(_ server: Int?, _ client: Int?) -> String {
            [server.map { "server \($0)" }, client.map { "client \($0)" }].compactMap(\.self)
                .joined(separator: " for ")
        }
        switch self {
        case .begin(let kind, let server, let client): return "\(kind): \(side(server, client))"
        case .end(let server, let client): return "over: \(side(server, client))"
        case .flush(let server): return "flush: server \(server)"
        case .write(let client, let key, let version):
            return "client \(client) writes version \(version) of a key of servers \(key.order)"
        case .read(let client, let key): return "client \(client) reads a key of servers \(key.order)"
        case .untilOut(let client, let server): return "until server \(server) is out for client \(client)"
        case .untilUsed(let client, let server): return "until client \(client) uses server \(server)"
        case .untilRemoved(let key): return "until a key of servers \(key.order) is removed"
        case .expect(let server, let command, let times, let after):
            return
                "\(after.kind): \(side(after.server, after.client)), until server \(server) has done \(command) \(times) times"
        case .pause(let milliseconds): return "\(milliseconds) ms"
        }
    }
}
