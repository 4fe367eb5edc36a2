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
/// A way may lead in a circle. While a slot changes hands two servers may each take the other for its owner,
/// for some milliseconds: then it helps to wait. A server that names the address at which it was asked is not
/// the one that it thinks: only another connection may lead to that one, once. What helps neither is a wrong
/// configuration, and fails at once: see `RedirectionFailure`.
struct Redirected {
    /// Commands that belong together, and whom to ask next.
    private struct Unit {
        let range: Range<Int>
        /// Who was asked last without `ASKING`: whom to ask again after a pause.
        var home: Node
        var target: Node
        var isAsking = false
        /// Whether to wait before it is asked, and to look who owns the slot by then.
        var pauses = false
        /// The target could not be asked, since it left the cluster: nothing has been answered.
        var isStranded = false
        /// Whom it was sent to so far.
        var visited: Set<ObjectIdentifier>
        /// How often it was sent to one where it had been.
        var returns = 0
        /// Whether a connection was renewed because of it.
        var hasRenewed = false
    }

    private var replies: [Reply]

    /// Of commands whose server can't be asked.
    private var failures: [Int: CachesError] = [:]

    private let commands: RecordedCommands
    private let cluster: Cluster
    private let call: Node.Call
    private var units: [Unit] = []

    /// How often a command is sent on, pauses included.
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

    /// Commands that nobody has answered yet.
    init(_ commands: RecordedCommands, goingTo node: Node, of cluster: Cluster, _ call: Node.Call) {
        self.init(
            commands, [Reply](repeating: .null, count: commands.count), from: node, of: cluster, call)
        for index in units.indices { units[index].isStranded = true }
    }

    mutating func run() async throws -> [Reply] {
        try await travel()
        guard let failure = failures.min(by: { $0.key < $1.key })?.value else { return replies }
        guard failures.count < replies.count else { throw failure }
        throw PartialFailure(replies: replies, failures: failures)
    }

    private mutating func travel() async throws {
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

    /// What is still on its way stays where it is. A cluster that is down, or about to have the keys
    /// together, has said so itself; that a command was sent on is nothing that its caller can use.
    private mutating func giveUp() {
        for unit in units {
            guard let redirection = redirection(of: unit),
                let (slot, _) = redirection.destination
            else { continue }
            fail(unit, RedirectionFailure.endless(slot: slot, from: unit.target, redirection))
        }
    }

    /// Why the server did not carry out a unit that may be carried out elsewhere, or later; nil if it did.
    private func redirection(of unit: Unit) -> Redirection? {
        for index in unit.range { if let redirection = replies[index].redirection { return redirection } }
        return nil
    }

    private mutating func fail(_ unit: Unit, _ error: CachesError) {
        for index in unit.range { failures[index] = error }
    }

    /// Where a unit goes next, by what was answered; nil if it goes nowhere.
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

    /// Goes where a server sends a unit.
    private mutating func follow(
        _ unit: Unit, _ slot: Int, _ announcement: ClusterNodeAddress, asking: Bool
    ) -> Unit? {
        var unit = unit
        let asked = unit.target.configuration.connection.endpoint
        guard let endpoint = cluster.endpoint(of: announcement, slot: slot, asked: asked) else {
            // Whoever owns the slot is to be found in a newer table.
            unit.returns += 1
            guard unit.returns <= Self.mostReturns else {
                fail(unit, RedirectionFailure.unknownHost(slot: slot, from: unit.target, announcement))
                return nil
            }
            cluster.want()
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

    /// Whom to ask after a pause: who owns the slot by then. The one that was asked before may have left the
    /// cluster, and takes no more calls.
    private func lookAgain(_ unit: inout Unit) {
        guard let key = unit.range.lazy.compactMap(commands.key(at:)).first,
            let owner = cluster.owner(of: key)
        else { return }
        (unit.home, unit.target) = (owner, owner)
    }

    /// Whether a transaction was carried out though one of its commands, a `WATCH`, was refused: it must not
    /// be again.
    private func wasCarriedOut(_ range: Range<Int>) -> Bool {
        guard range.count > 1, let last = range.last else { return false }
        if case .error = replies[last] { return false }
        return true
    }

    /// Sends each unit to its target: those of one target together.
    private mutating func send() async throws {
        let units = units
        for portion in [Portion](of: Array(units.indices), by: { units[$0].target }) {
            let commands = commands
            // The commands to send, nil for ASKING.
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

    /// A unit could not be sent to its target. If that has left the cluster meanwhile, another owns what it
    /// owned. The other units have been carried out, or will be.
    private mutating func strand(_ position: Int, _ error: CachesError) {
        let unit = units[position]
        guard !cluster.uses(unit.target),
            error.wasNotSent || call.idempotent && error.code == .connectionLost,
            unit.returns < Self.mostReturns
        else { return fail(unit, error) }
        units[position].isStranded = true
        units[position].returns += 1
    }

    /// What is sent of a unit. `ASKING` holds for the next command, or for all of the transaction that it
    /// precedes.
    private static func words(of unit: Unit, _ commands: RecordedCommands) -> [Int?] {
        guard unit.isAsking else { return Array(unit.range) }
        var isInTransaction = false
        return unit.range.flatMap { index -> [Int?] in
            defer { if commands.name(at: index) == "MULTI" { isInTransaction = true } }
            return isInTransaction ? [index] : [nil, index]
        }
    }
}
