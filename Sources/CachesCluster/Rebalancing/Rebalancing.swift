import CachesTransport

/// Moves keys that are left behind on the servers of an earlier topology.
struct Rebalancing: Sendable {
    /// The servers to read.
    var nodes: [Node] { old.nodes }

    private let old: Ring
    private let new: Ring
    private let step: HandOverStep
    private let deadline: Duration
    private let pace: Throttle?
    private let isTrial: Bool

    init(
        from: PoolTopology, to: PoolTopology, connection: ConnectionName, deadline: Duration,
        pace: Throttle?,
        isTrial: Bool
    ) throws(CachesError) {
        old = try from.ring(connection)
        new = try to.ring(connection)
        self.deadline = deadline
        self.pace = pace
        self.isTrial = isTrial
        // As long as the default of a hand-over: programs that hand over meanwhile find the moved keys.
        let markersEnd = Deadline.after(HandOver().length + HandOver().notice)
        step = HandOverStep(
            .handingOver, HandOverMarkers(from: from.fingerprint, to: to.fingerprint), markersEnd: markersEnd,
            tally: HandOverTally(), keepsWhatIsThere: true)
    }

    /// Moves the keys of one server.
    func run(
        _ scan: NodeScan, _ progress: (@Sendable (RebalanceReport.Outcome) -> Void)?
    ) async throws -> RebalanceReport.Outcome {
        var scan = scan
        var outcome = RebalanceReport.Outcome(node: scan.node.name)
        do {
            repeat {
                let page = try await scan.next().page
                let moves = try sort(page, on: scan.node, &outcome)
                for start in stride(from: 0, to: moves.count, by: 256) {
                    try await move(Array(moves[start..<min(start + 256, moves.count)]), &outcome)
                }
                outcome.visited = scan.visited
                outcome.total = scan.size
                progress?(outcome)
            } while !scan.isFinished
        } catch let error as CachesError {
            outcome.error = error.at(scan.node.name)
        }
        return outcome
    }

    /// Finds those keys of a page that belong elsewhere.
    private func sort(
        _ page: [Bytes], on node: Node, _ outcome: inout RebalanceReport.Outcome
    ) throws(CachesError) -> [KeyMove] {
        var moves: [KeyMove] = []
        for bytes in page {
            guard let key = String(validating: bytes, as: UTF8.self) else {
                outcome.unmovable += 1
                continue
            }
            let owner = try new.owner(of: KeyBytes(key))
            guard !owner.isSameServer(as: node) else { continue }
            guard try old.owner(of: KeyBytes(key)).isSameServer(as: node) else {
                outcome.strays += 1
                continue
            }
            moves.append(KeyMove(key, from: node, to: owner, in: step))
        }
        return moves
    }

    /// Asks the clusters on both sides which servers they have.
    func discover() async throws {
        for route in [old, new] {
            if let failure = try await route.discover(deadline: .after(deadline)).first {
                throw failure.error
            }
        }
    }

    private func move(_ moves: [KeyMove], _ outcome: inout RebalanceReport.Outcome) async throws {
        guard !isTrial else {
            outcome.moved += moves.count
            return
        }
        try await pace?.wait(for: moves.count)
        let deadline = Deadline.after(deadline)
        let arrivals = await moves.arrive(deadline: deadline)
        if let error = arrivals.lazy.compactMap(\.failure).first { throw error }
        for arrival in arrivals {
            switch arrival {
            case .moved: outcome.moved += 1
            case .lost: outcome.unmovable += 1
            case .absent, .before: outcome.kept += 1
            case .failed: break
            }
        }
        await zip(moves, arrivals).filter { !$0.1.isLost }.map(\.0).removeLeftBehind(deadline: deadline)
    }
}
