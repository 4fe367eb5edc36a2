internal import CachesTransport

/// What a Sentinel tells of a primary.
struct SentinelAnswer: Hashable, Sendable {
    /// Another Sentinel that it knows.
    struct Peer: Hashable, Sendable {
        var endpoint: Endpoint
        var identity: String?
        /// The one that was asked does not reach it.
        var isDown = false
    }

    /// Its own name among the Sentinels, nil if it doesn't say it (before Redis 6.2).
    var identity: String?

    /// nil: it knows none of that name.
    var primary: SentinelStateMachine.Primary?

    /// Those that are well and in step.
    var replicas: [Endpoint] = []

    /// All replicas that it lists, whether they are well or not.
    var listed: [Endpoint] = []

    var others: [Peer] = []

    /// The same with the addresses at which this process reaches what the Sentinel names.
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

/// What came of asking a Sentinel.
enum SentinelReply: Sendable {
    case answer(SentinelAnswer)
    case failure(CachesError)
    /// It did not answer in time.
    case silence

    var answer: SentinelAnswer? {
        if case .answer(let answer) = self { answer } else { nil }
    }
}

/// The question to a Sentinel: one batch of commands, after which it tells by itself when the primary
/// changes.
///
/// A connection that is subscribed to a channel takes no other commands (RESP2). So it leaves the channel,
/// asks, and enters it again, all in one go: one connection a Sentinel does for both.
enum SentinelQuestion {
    /// On which a Sentinel says `service former-host former-port host port`.
    static let channel = "+switch-master"

    static let count = 7

    static func write(_ service: String, to writer: inout CommandWriter) {
        writer.words("UNSUBSCRIBE", channel)
        // Before the address: should it change in between, then a new one comes with an old epoch, and does
        // no harm.
        writer.words("SENTINEL", "MASTER", service)
        // In the middle of a failover this is the new primary, as soon as that is one.
        writer.words("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
        writer.words("SENTINEL", "REPLICAS", service)
        writer.words("SENTINEL", "SENTINELS", service)
        writer.words("SENTINEL", "MYID")
        writer.words("SUBSCRIBE", channel)
    }

    /// Reads the replies, in order.
    /// - Returns: The answer, and why it is not all that it could be.
    /// - Throws: ``CachesError`` if it is none.
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
        // An unknown name is an error here, and null where the address is asked for.
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

    /// The new address in a message of the channel, if it is about that service.
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

    /// So many replicas or Sentinels may be named, and words be said of a primary: far more than there are. They are
    /// gone through with each answer.
    static let mostServers = 256

    /// The longest text of a message that is looked at: two addresses and a name.
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

/// What a Sentinel tells of a server or of another Sentinel: names and values in turn.
private struct SentinelFacts {
    private var facts: [String: String] = [:]

    init(_ reply: Reply) {
        let words = (reply.array ?? nil).map { $0.prefix(256).map { $0.text ?? "" } } ?? []
        for index in stride(from: 0, to: words.count - 1, by: 2) { facts[words[index]] = words[index + 1] }
    }

    subscript(_ name: String) -> String? { facts[name] }

    var endpoint: Endpoint? { Self.endpoint(facts["ip"], facts["port"]) }

    private var flags: Set<Substring> { Set((facts["flags"] ?? "").split(separator: ",")) }

    /// Whether the Sentinel does not reach it.
    var isDown: Bool { !flags.isDisjoint(with: ["s_down", "o_down", "disconnected"]) }

    /// Whether it may be read from: the Sentinel reaches it, and it reaches the primary.
    var isHealthyReplica: Bool {
        flags.contains("slave") && !isDown && facts["master-link-status"] == "ok"
            && facts["replica-announced"] != "0"
    }

    static func endpoint(_ host: String?, _ port: String?) -> Endpoint? {
        guard let host, let port = port?.number(.port) else { return nil }
        return Endpoint(announcedHost: host.lowercased(), port: port)
    }
}
