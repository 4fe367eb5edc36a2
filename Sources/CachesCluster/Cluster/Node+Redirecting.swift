internal import CachesTransport

// What a server of a cluster does not carry out, is carried out by the one that does. So it is by the primary with what
// a server refuses that Sentinels have demoted. Any other server comes here only with an error, and leaves with it.
extension Node {
    /// Has a command that this server refused carried out elsewhere, if that is what the refusal means.
    func redirect(
        _ answer: ServerError, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let call = Call(count: 1, idempotent: idempotent, deadline: deadline)
        return try await redirect([.error(answer)], call, write)[0].unlessError(from: self)
    }

    /// Has those of several commands that this server refused carried out elsewhere.
    /// - Returns: The replies, those that came from elsewhere in their places.
    /// - Throws: ``PartialFailure`` if some failed elsewhere, and not all.
    func redirect(
        _ replies: [Reply], _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard sentinels == nil else { return try await sendRefused(replies, call, write) }
        guard isOfCluster, replies.contains(where: \.isRedirection), let cluster else { return replies }
        var journey = Redirected(try RecordedCommands(write), replies, from: self, of: cluster, call)
        return try await journey.run()
    }

    /// Has commands carried out elsewhere that could not be sent to this server.
    /// - Throws: `error`, if there is no other server to ask.
    func sendElsewhere(
        _ call: Call, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard isOfCluster, let cluster else { throw error }
        cluster.want()
        guard !call.deadline.hasPassed else { throw error }
        // A connection that is closed under a command says nothing of whether that was carried out.
        guard call.forKey, error.wasNotSent || call.idempotent else { throw error }
        // No server takes it, or its reply is more than is read from any.
        guard error.code != .tooLarge, !error.mayBeItsCause else { throw error }
        let commands: RecordedCommands
        do throws(CachesError) { commands = try RecordedCommands(write) } catch { throw error.at(name) }
        guard
            let other = try await cluster.other(
                than: self, for: commands, after: error, deadline: call.deadline)
        else { throw error }
        let replies = try await other.exchangeHere(call) {
            for index in 0..<commands.count { $0.recorded(commands, at: index) }
        }
        var journey = Redirected(commands, replies, from: other, of: cluster, call)
        return try await journey.run()
    }
}

extension Reply {
    fileprivate var redirection: Redirection? {
        guard case .error(let answer) = self else { return nil }
        return Redirection(answer)
    }

    fileprivate var isRedirection: Bool { redirection != nil }
}

/// Commands on their way to the servers that carry them out.
private struct Redirected {
    /// Commands that belong together, and whom to ask next.
    private struct Unit {
        let range: Range<Int>
        /// Who was asked last without `ASKING`: whom to ask again after a pause.
        var home: Node
        var target: Node
        var isAsking = false
        /// Whether to wait before it is asked.
        var pauses = false
    }

    private var replies: [Reply]

    /// Of commands whose server can't be asked.
    private var failures: [Int: CachesError] = [:]

    private let commands: RecordedCommands
    private let cluster: Cluster
    private let call: Node.Call
    private var units: [Unit] = []

    /// How often a command is sent on. While a slot changes hands two servers may each take the other for its owner, for
    /// some milliseconds.
    private static let mostHops = 32

    private static let pause = Backoff(first: .milliseconds(4), cap: .milliseconds(100))

    init(
        _ commands: RecordedCommands, _ replies: [Reply], from node: Node, of cluster: Cluster,
        _ call: Node.Call
    ) {
        self.commands = commands
        self.replies = replies
        self.cluster = cluster
        self.call = call
        units = commands.units.map { Unit(range: $0, home: node, target: node) }
    }

    mutating func run() async throws -> [Reply] {
        try await travel()
        guard let failure = failures.first?.value else { return replies }
        guard failures.count < replies.count else { throw failure }
        throw PartialFailure(replies: replies, failures: failures)
    }

    private mutating func travel() async throws {
        for hop in 1...Self.mostHops {
            units = units.compactMap { next($0) }
            guard !units.isEmpty else { return }
            if hop > 3 || units.contains(where: \.pauses) {
                let delay = Self.pause.delay(after: hop, jitter: .random(in: 0...1))
                guard call.deadline.remaining > delay else { return }
                try await Task.sleep(for: delay)
                for index in units.indices where units[index].pauses { lookAgain(&units[index]) }
            }
            try await send()
        }
    }

    /// Where a unit goes next, by what was answered; nil if it goes nowhere.
    private func next(_ unit: Unit) -> Unit? {
        guard let redirection = unit.range.lazy.compactMap({ replies[$0].redirection }).first,
            failures[unit.range.lowerBound] == nil, !wasCarriedOut(unit.range)
        else { return nil }
        var unit = unit
        unit.isAsking = false
        unit.pauses = false
        switch redirection {
        case .moved(let slot, let announcement):
            let endpoint = announcement.endpoint(asked: unit.target.configuration.connection.endpoint)
            unit.target = cluster.learn(slot, isAt: endpoint)
            unit.home = unit.target
        case .ask(_, let announcement):
            let endpoint = announcement.endpoint(asked: unit.target.configuration.connection.endpoint)
            unit.target = cluster.node(at: endpoint, isReplica: false)
            unit.isAsking = true
        case .tryAgain:
            unit.target = unit.home
            unit.pauses = true
        case .down:
            guard cluster.mayComeBack() else { return nil }
            unit.target = unit.home
            unit.pauses = true
        }
        return unit
    }

    /// Whom to ask after a pause: who owns the slot by then. The one that was asked before may have left the cluster, and
    /// takes no more calls.
    private func lookAgain(_ unit: inout Unit) {
        guard let key = unit.range.lazy.compactMap(commands.key(at:)).first,
            let owner = cluster.owner(of: key)
        else { return }
        (unit.home, unit.target) = (owner, owner)
    }

    /// Whether a transaction was carried out though one of its commands, a `WATCH`, was refused: it must not be again.
    private func wasCarriedOut(_ range: Range<Int>) -> Bool {
        guard range.count > 1, let last = range.last else { return false }
        if case .error = replies[last] { return false }
        return true
    }

    /// Sends each unit to its target: those of one target together.
    private mutating func send() async throws {
        let units = units
        for share in [NodeShare](of: Array(units.indices), by: { units[$0].target }) {
            let commands = commands
            // The commands to send, nil for ASKING.
            let sent = share.positions.flatMap { Self.words(of: units[$0], commands) }
            let some = Node.Call(count: sent.count, idempotent: call.idempotent, deadline: call.deadline)
            do {
                let answers = try await share.node.exchangeHere(some) {
                    for index in sent {
                        if let index { $0.recorded(commands, at: index) } else { $0.words("ASKING") }
                    }
                }
                for (index, answer) in zip(sent, answers) { if let index { replies[index] = answer } }
            } catch let error as CachesError {
                // The others have been carried out, or will be.
                for case let index? in sent { failures[index] = error }
            }
        }
    }

    /// What is sent of a unit. `ASKING` holds for the next command, or for all of the transaction that it precedes.
    private static func words(of unit: Unit, _ commands: RecordedCommands) -> [Int?] {
        guard unit.isAsking else { return Array(unit.range) }
        var isInTransaction = false
        return unit.range.flatMap { index -> [Int?] in
            defer { if commands.name(at: index) == "MULTI" { isInTransaction = true } }
            return isInTransaction ? [index] : [nil, index]
        }
    }
}

extension Cluster {
    /// Who owns a key, as far as is known.
    fileprivate func owner(of key: String) -> Node? {
        shared.withLock { $0.map?.master(of: HashSlot.slot(of: key)) }
    }

    /// A server has said that a slot is owned by the one at an address.
    /// - Returns: Its node.
    fileprivate func learn(_ slot: Int, isAt endpoint: Endpoint) -> Node {
        let node = shared.withLock { shared in
            let node = self.node(at: endpoint, isReplica: false, &shared)
            if let map = shared.map, map.master(of: slot) !== node { shared.map = map.moving(slot, to: node) }
            return node
        }
        want()
        return node
    }

    /// A server has said that the cluster is down.
    /// - Returns: Whether it is worth waiting for: that it has been so for no longer than a replica needs to take over.
    fileprivate func mayComeBack() -> Bool {
        want()
        return shared.withLock { shared in
            let now = ContinuousClock.now
            // It was up meanwhile, or nobody has asked.
            if let down = shared.down, now - down.last < .seconds(1) {
                shared.down = (down.since, now)
            } else {
                shared.down = (now, now)
            }
            return now - (shared.down?.since ?? now) < Self.longestTakeover
        }
    }

    /// How long after a cluster began to be down calls wait for it to come back. 5 s: once the others agree that a master
    /// is out, its replica takes over within one or two.
    private static let longestTakeover = Duration.seconds(5)

    /// Whom to ask in place of a node that can't be asked: one who knows who owns its slots now.
    /// - Returns: nil if the node owns all keys of the commands, as far as anybody knows, so that there is nobody else. It
    ///   does not if it was asked before anybody knew, or has lost them since.
    fileprivate func other(
        than node: Node, for commands: RecordedCommands, after error: CachesError, deadline: Deadline
    ) async throws -> Node? {
        guard !shared.withLock({ $0.isClosed }) else { return nil }
        do { try await discover(deadline: deadline) } catch is CachesError { throw error }
        guard let map = shared.withLock({ $0.map }) else { return nil }
        let keys = (0..<commands.count).lazy.compactMap(commands.key(at:))
        guard keys.contains(where: { map.master(of: HashSlot.slot(of: $0)) !== node }) else { return nil }
        return map.masters.filter { $0 !== node && !$0.isOut }.randomElement()
    }
}
