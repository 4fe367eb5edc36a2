/// An order of events that brings one fault about, if the clients have it: what is done to servers and
/// clients, and what is written and read meanwhile, one after the other.
///
/// Chance does not find such orders in minutes. The steps wait for one another, and not for a time to pass,
/// wherever a client or a server shows that one is done.
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
    /// Something is done, in place of what was done before to the same server for the same client.
    case begin(Fault.Kind, server: Int?, client: Int?)
    /// What is done to a server for a client ends.
    case end(server: Int?, client: Int?)
    /// A server loses all its data.
    case flush(server: Int)
    case write(client: Int, ScenarioKey, version: Int)
    case read(client: Int, ScenarioKey)
    /// A client reads keys of a server until that is out for it.
    case untilOut(client: Int, server: Int)
    /// A client uses a server, or does not though it was waited for: that is for the checker to judge.
    case untilUsed(client: Int, server: Int)
    /// A key is not on its owner any more.
    case untilRemoved(ScenarioKey)
    /// Something begins that makes a server carry out such a command, and goes on until it has done so so
    /// many times.
    case expect(server: Int, command: String, times: Int, after: FollowingStep)
    /// For some milliseconds nothing is done.
    case pause(milliseconds: Int)
}

/// What is done while something is expected.
struct FollowingStep: Hashable, Sendable {
    var kind: Fault.Kind
    var server: Int
    var client: Int
}

/// A key of the clients' load, by the servers that serve it.
struct ScenarioKey: Hashable, Sendable {
    /// The owner, then who serves it in its place, in order.
    var order: [Int]

    init(_ order: Int...) { self.order = order }
}

extension Step {
    /// The key that it is about.
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
