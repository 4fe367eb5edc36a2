internal import CachesTransport

extension Reply {
    fileprivate var redirection: Redirection? {
        guard case .error(let answer) = self else { return nil }
        return Redirection(answer)
    }

    var isRedirection: Bool { redirection != nil }
}

/// Commands on their way to the servers that carry them out.
///
/// Redirections may form a circle. While a slot changes hands, two servers may each take the other for its
/// owner for some milliseconds: then waiting helps. A server that redirects to the address it was asked at is
/// not the server expected there: a new connection may reach the right one; this is tried once. Any other
/// circle is a wrong configuration, and fails at once: see `RedirectionFailure`.
struct Redirected {
    /// Commands that belong together, and the node to ask next.
    private struct Unit {
        let range: Range<Int>
        /// The last node asked without `ASKING`, to be asked again after a pause.
        var home: Node
        var target: Node
        var isAsking = false
        /// Whether to wait before asking, and to look up the owner of the slot again.
        var pauses = false
        /// The target could not be asked, since it left the cluster: there is no answer yet.
        var isStranded = false
        /// The nodes that it was sent to so far.
        var visited: Set<ObjectIdentifier>
        /// How often it was sent to a node that it had visited before.
        var returns = 0
        /// Whether a connection was renewed because of it.
        var hasRenewed = false
    }

    private var replies: [Reply]

    /// The errors of commands whose server can't be asked.
    private var failures: [Int: CachesError] = [:]

    private let commands: RecordedCommands
    private let cluster: Cluster
    private let call: Node.Call
    private var units: [Unit] = []

    /// How often a command is redirected, pauses included.
    private static let mostHops = 32

    /// How often a command is sent to a server where it has been. With the pauses that is a fifth of a
    /// second.
    private static let mostReturns = 5

    private static let pause = Backoff(first: .milliseconds(4), cap: .milliseconds(100))

    /// Commands that a node has answered, some of them with a redirection.
    init(
        _ commands: RecordedCommands, _ replies: [Reply], from node: Node, of cluster: Cluster,
        _ call: Node.Call
    ) {
        self.commands = commands
        self.replies = replies
        self.cluster = cluster
        self.call = call
        units = commands.units.map {
            Unit(range: $0, home: node, target: node, visited: [ObjectIdentifier(node)])
        }
    }

    /// Commands without an answer yet.
    init(_ commands: RecordedCommands, goingTo node: Node, of cluster: Cluster, _ call: Node.Call) {
        self.init(
            commands, [Reply](repeating: .null, count: commands.count), from: node, of: cluster, call)
        for index in units.indices { units[index].isStranded = true }
    }

    mutating func run() async throws -> [Reply] {
        try await followAll()
        guard let failure = failures.min(by: { $0.key < $1.key })?.value else { return replies }
        guard failures.count < replies.count else { throw failure }
        throw PartialFailure(replies: replies, failures: failures)
    }

    private mutating func followAll() async throws {
        for hop in 1...Self.mostHops {
            var next: [Unit] = []
            for unit in units { if let unit = self.next(unit) { next.append(unit) } }
            units = next
            guard !units.isEmpty else { return }
            if hop > 3 || units.contains(where: \.pauses) {
                let delay = Self.pause.delay(after: hop, jitter: .random(in: 0...1))
                guard call.deadline.remaining > delay else { return giveUp() }
                try await Task.sleep(for: delay)
                for index in units.indices where units[index].pauses { lookAgain(&units[index]) }
            }
            try await send()
        }
        giveUp()
    }

    /// Ends units that are still being redirected. If the cluster is down, or the keys are not yet together,
    /// the server's own answer says so and stays; a redirection becomes an error, since a caller can't use
    /// it.
    private mutating func giveUp() {
        for unit in units {
            guard let redirection = redirection(of: unit),
                let (slot, _) = redirection.destination
            else { continue }
            fail(unit, RedirectionFailure.endless(slot: slot, from: unit.target, redirection))
        }
    }

    /// Why the server did not carry out a unit that may be carried out elsewhere, or later; nil if it carried
    /// it out.
    private func redirection(of unit: Unit) -> Redirection? {
        for index in unit.range { if let redirection = replies[index].redirection { return redirection } }
        return nil
    }

    private mutating func fail(_ unit: Unit, _ error: CachesError) {
        for index in unit.range { failures[index] = error }
    }

    /// The next step of a unit, by its answers; nil if it is done.
    private mutating func next(_ unit: Unit) -> Unit? {
        guard failures[unit.range.lowerBound] == nil else { return nil }
        var unit = unit
        unit.isAsking = false
        unit.pauses = false
        if unit.isStranded {
            unit.isStranded = false
            unit.pauses = unit.returns > 0
            return unit
        }
        guard let redirection = redirection(of: unit),
            !wasCarriedOut(unit.range)
        else { return nil }
        switch redirection {
        case .moved(let slot, let announcement): return follow(unit, slot, announcement, asking: false)
        case .ask(let slot, let announcement): return follow(unit, slot, announcement, asking: true)
        case .tryAgain: break
        case .down: guard cluster.mayComeBack() else { return nil }
        }
        unit.target = unit.home
        unit.pauses = true
        return unit
    }

    /// Follows a server's redirection of a unit.
    private mutating func follow(
        _ unit: Unit, _ slot: Int, _ announcement: ClusterNodeAddress, asking: Bool
    ) -> Unit? {
        var unit = unit
        let asked = unit.target.configuration.connection.endpoint
        guard let endpoint = cluster.endpoint(of: announcement, slot: slot, asked: asked) else {
            // A newer table may know the owner of the slot.
            unit.returns += 1
            guard unit.returns <= Self.mostReturns else {
                fail(unit, RedirectionFailure.unknownHost(slot: slot, from: unit.target, announcement))
                return nil
            }
            cluster.requestRefresh()
            unit.target = unit.home
            unit.pauses = true
            return unit
        }
        let node: Node
        do throws(CachesError) {
            node = try cluster.stranger(at: endpoint, owning: asking ? nil : slot)
        } catch {
            fail(unit, error.at(unit.target.name))
            return nil
        }
        if node === unit.target {
            guard !unit.hasRenewed else {
                fail(unit, RedirectionFailure.toItself(slot: slot, node, announcement))
                return nil
            }
            unit.hasRenewed = true
            cluster.renewConnection(of: node, at: endpoint)
        } else if !unit.visited.insert(ObjectIdentifier(node)).inserted {
            unit.returns += 1
            guard unit.returns <= Self.mostReturns else {
                fail(unit, RedirectionFailure.inCircle(slot: slot, from: unit.target, to: node))
                return nil
            }
        }
        unit.target = node
        unit.isAsking = asking
        if !asking { unit.home = node }
        return unit
    }

    /// Retargets a unit after a pause, to the current owner of its slot. The node that was asked before may
    /// have left the cluster, and takes no more calls.
    private func lookAgain(_ unit: inout Unit) {
        guard let key = unit.range.lazy.compactMap(commands.key(at:)).first,
            let owner = cluster.owner(of: key)
        else { return }
        (unit.home, unit.target) = (owner, owner)
    }

    /// Whether a transaction was carried out although one of its commands, a `WATCH`, was refused: it must
    /// not be sent again.
    private func wasCarriedOut(_ range: Range<Int>) -> Bool {
        guard range.count > 1, let last = range.last else { return false }
        if case .error = replies[last] { return false }
        return true
    }

    /// Sends each unit to its target; units with the same target together.
    private mutating func send() async throws {
        let units = units
        for portion in [Portion](of: Array(units.indices), by: { units[$0].target }) {
            let commands = commands
            let sent = portion.positions.flatMap { Self.words(of: units[$0], commands) }
            let some = Node.Call(
                sent.count, idempotent: call.idempotent, deadline: call.deadline, reach: .server)
            do {
                let answers = try await portion.node.carryOut(some) {
                    for index in sent {
                        if let index { $0.recorded(commands, at: index) } else { $0.words("ASKING") }
                    }
                }.replies
                for (index, answer) in zip(sent, answers) { if let index { replies[index] = answer } }
            } catch let error as CachesError {
                for position in portion.positions { strand(position, error) }
            }
        }
    }

    /// Handles a unit that could not be sent to its target. If the target has left the cluster meanwhile,
    /// another node owns its slots. The other units have been carried out, or will be.
    private mutating func strand(_ position: Int, _ error: CachesError) {
        let unit = units[position]
        guard !cluster.uses(unit.target),
            error.wasNotSent || call.idempotent && error.code == .connectionLost,
            unit.returns < Self.mostReturns
        else { return fail(unit, error) }
        units[position].isStranded = true
        units[position].returns += 1
    }

    /// The commands to send for a unit; nil stands for `ASKING`, which holds for the next command, or for the
    /// whole transaction that follows it.
    private static func words(of unit: Unit, _ commands: RecordedCommands) -> [Int?] {
        guard unit.isAsking else { return Array(unit.range) }
        var isInTransaction = false
        return unit.range.flatMap { index -> [Int?] in
            defer { if commands.name(at: index) == "MULTI" { isInTransaction = true } }
            return isInTransaction ? [index] : [nil, index]
        }
    }
}
