internal import CachesTransport

/// A Sentinel's answer about a primary.
struct SentinelAnswer: Hashable, Sendable {
    /// Another Sentinel that this one knows.
    struct Peer: Hashable, Sendable {
        var endpoint: Endpoint
        var identity: String?
        /// The Sentinel that was asked does not reach it.
        var isDown = false
    }

    /// The Sentinel's own identifier; nil if it doesn't tell it (before Redis 6.2).
    var identity: String?

    /// nil if the Sentinel knows no primary of that name.
    var primary: SentinelStateMachine.Primary?

    /// The replicas that are healthy and in step.
    var replicas: [Endpoint] = []

    /// All replicas that it lists, healthy or not.
    var listed: [Endpoint] = []

    var others: [Peer] = []

    /// The same answer, with the addresses at which this process reaches the servers.
    func reached(by map: AddressMap?) -> SentinelAnswer {
        guard let map else { return self }
        var answer = self
        if let primary { answer.primary?.endpoint = map.reached(primary.endpoint) }
        answer.replicas = replicas.map(map.reached)
        answer.listed = listed.map(map.reached)
        for index in answer.others.indices {
            answer.others[index].endpoint = map.reached(answer.others[index].endpoint)
        }
        return answer
    }
}

/// The result of asking a Sentinel.
enum SentinelReply: Sendable {
    case answer(SentinelAnswer)
    case failure(CachesError)
    /// The Sentinel did not answer in time.
    case silence

    var answer: SentinelAnswer? {
        if case .answer(let answer) = self { answer } else { nil }
    }
}

/// The question to a Sentinel: one batch of commands, after which the Sentinel publishes each change of the
/// primary.
///
/// A connection that is subscribed to a channel takes no other commands (RESP2). So the batch leaves the
/// channel, asks, and subscribes again: one connection per Sentinel does both.
enum SentinelQuestion {
    /// The channel on which a Sentinel publishes `service former-host former-port host port`.
    static let channel = "+switch-master"

    static let count = 7

    static func write(_ service: String, to writer: inout CommandWriter) {
        writer.words("UNSUBSCRIBE", channel)
        // Before the address: if the primary changes in between, a new address comes with an old epoch, which
        // does no harm.
        writer.words("SENTINEL", "MASTER", service)
        // During a failover this is the new primary, as soon as it has been promoted.
        writer.words("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
        writer.words("SENTINEL", "REPLICAS", service)
        writer.words("SENTINEL", "SENTINELS", service)
        writer.words("SENTINEL", "MYID")
        writer.words("SUBSCRIBE", channel)
    }

    /// Reads the replies, in order.
    /// - Returns: The answer, and the commands that the user may not run.
    /// - Throws: ``CachesError`` if the replies are not a Sentinel's answer.
    static func read(_ replies: [Reply]) throws(CachesError) -> (SentinelAnswer, flaws: [String]) {
        guard replies.count == count else { throw unexpected }
        for reply in replies where reply.array?.count ?? 0 > mostServers { throw tooMany }
        var answer = SentinelAnswer()
        var flaws: [String] = []
        for (reply, command) in [
            (replies[3], "SENTINEL REPLICAS"), (replies[4], "SENTINEL SENTINELS"), (replies[6], "SUBSCRIBE"),
        ] {
            if case .error(let error) = reply, error.name == "NOPERM" { flaws.append(command) }
        }
        if case .error(let error) = replies[2] { throw error.error(node: nil) }
        // An unknown name is an error here, and null in the reply with the address.
        if replies[2].isNull { return (answer, flaws) }
        guard let endpoint = endpoint(replies[2]) else { throw unexpected }
        if case .error(let error) = replies[1] { throw error.error(node: nil) }
        guard let epoch = SentinelFacts(replies[1])["config-epoch"]?.number(.epoch) else {
            throw unexpected
        }
        answer.primary = SentinelStateMachine.Primary(endpoint: endpoint, epoch: Int64(epoch))
        let replicas = (replies[3].array ?? nil).map { $0.map(SentinelFacts.init) } ?? []
        answer.replicas = replicas.filter(\.isHealthyReplica).compactMap(\.endpoint)
        answer.listed = replicas.compactMap(\.endpoint)
        answer.others =
            (replies[4].array ?? nil).map { $0.map(SentinelFacts.init) }?.compactMap { facts in
                facts.endpoint.map {
                    SentinelAnswer.Peer(endpoint: $0, identity: facts["runid"], isDown: facts.isDown)
                }
            } ?? []
        answer.identity = replies[5].text
        return (answer, flaws)
    }

    /// The new address in a message of the channel; nil if the message is about another service.
    static func newPrimary(of service: String, in message: ReplyArray) -> Endpoint? {
        let items = Array(message)
        guard items.count == 3, items[1].text == channel, items[2].bytes?.count ?? 0 <= longestMessage,
            let text = items[2].text
        else { return nil }
        // A name has no spaces: the configuration of a Sentinel is split at them.
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 5, words[0] == service else { return nil }
        return SentinelFacts.endpoint(words[3], words[4])
    }

    /// The most replicas or Sentinels that may be named, and the most words about a primary: far more than
    /// there are. Each answer is searched through them.
    static let mostServers = 256

    /// The longest message text that is read: two addresses and a name.
    private static let longestMessage = 2048

    private static let tooMany = CachesError(
        .protocolViolation, "It names more than \(mostServers) servers.",
        advice:
            "Look at SENTINEL REPLICAS and SENTINEL SENTINELS there; SENTINEL RESET forgets those that are gone."
    )

    private static func endpoint(_ reply: Reply) -> Endpoint? {
        guard let items = reply.array, items.count == 2 else { return nil }
        return SentinelFacts.endpoint(items.first?.text, Array(items)[1].text)
    }

    private static let unexpected = CachesError(
        .protocolViolation, "It does not answer as a Sentinel does.",
        advice: "Check the address and the port: 26379 is usual.")
}

/// A Sentinel's facts about a server or another Sentinel: names and values in turn.
private struct SentinelFacts {
    private var facts: [String: String] = [:]

    init(_ reply: Reply) {
        let words = (reply.array ?? nil).map { $0.prefix(256).map { $0.text ?? "" } } ?? []
        for index in stride(from: 0, to: words.count - 1, by: 2) { facts[words[index]] = words[index + 1] }
    }

    subscript(_ name: String) -> String? { facts[name] }

    var endpoint: Endpoint? { Self.endpoint(facts["ip"], facts["port"]) }

    private var flags: Set<Substring> { Set((facts["flags"] ?? "").split(separator: ",")) }

    /// Whether the Sentinel does not reach the server.
    var isDown: Bool { !flags.isDisjoint(with: ["s_down", "o_down", "disconnected"]) }

    /// Whether the server may be read from: the Sentinel reaches it, and it reaches the primary.
    var isHealthyReplica: Bool {
        flags.contains("slave") && !isDown && facts["master-link-status"] == "ok"
            && facts["replica-announced"] != "0"
    }

    static func endpoint(_ host: String?, _ port: String?) -> Endpoint? {
        guard let host, let port = port?.number(.port) else { return nil }
        return Endpoint(announcedHost: host.lowercased(), port: port)
    }
}
