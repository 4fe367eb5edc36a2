import CachesTransport

/// The outcome of making a key's new server the owner.
enum MoveOutcome: Sendable {
    /// The new server was the owner already.
    case before
    /// The value is at the new server now.
    case moved
    /// There was no value at the old server, or there was one at the new server that is kept.
    case absent
    /// The old server is gone, or the new one can't read its format: there is no value.
    case lost
    /// The move failed.
    case failed(any Error)

    var failure: (any Error)? { if case .failed(let error) = self { error } else { nil } }

    var isLost: Bool { if case .lost = self { true } else { false } }
}

extension [KeyMove] {
    /// Makes the new server of each key its owner: moves the keys that have not arrived.
    ///
    /// Moves many at once: each server is asked about some hundred keys at a time.
    func arrive(deadline: Deadline) async -> [MoveOutcome] {
        var arrivals: [MoveOutcome] = []
        for start in stride(from: 0, to: count, by: KeyTransfer.most) {
            var journey = KeyTransfer(self[start..<Swift.min(start + KeyTransfer.most, count)], deadline)
            await journey.run()
            arrivals += journey.arrivals
        }
        return arrivals
    }

    /// Removes the values of keys that have arrived from the old servers. If that fails, a value stays
    /// behind, and is never read.
    func removeLeftBehind(deadline: Deadline) async {
        _ = await ask([Int](indices), of: \.old, deadline) { move, _, command in
            command.eval(HandOverScript.remove, keys: [move.receipt, move.key], [])
        }
    }
}

/// Some keys being moved: each step is taken for all of them.
private struct KeyTransfer {
    /// How many keys are moved at a time: all their values are in memory meanwhile.
    static let most = 256

    /// A value as a server keeps it, and its ttl.
    private struct Value {
        let payload: Bytes
        /// In milliseconds; nil for none.
        let ttl: Int64?

        /// The ttl for `RESTORE` after some milliseconds: 0 for no ttl; nil if the value has expired
        /// meanwhile.
        func ttl(after elapsed: Int64) -> Int64? {
            guard let ttl else { return 0 }
            return ttl > elapsed ? ttl - elapsed : nil
        }
    }

    private let moves: [KeyMove]
    private let deadline: Deadline

    private(set) var arrivals: [MoveOutcome]

    private var values: [Value?]

    /// When the old servers were asked.
    private var leftAt = ContinuousClock.now

    /// The keys for which the old server could not be asked.
    private var unasked: Set<Int> = []

    init(_ moves: ArraySlice<KeyMove>, _ deadline: Deadline) {
        self.moves = Array(moves)
        self.deadline = deadline
        arrivals = Array(repeating: .before, count: moves.count)
        values = Array(repeating: nil, count: moves.count)
    }

    mutating func run() async {
        let waiting = await leave(await notArrived())
        guard !waiting.isEmpty else { return }
        let arrived = await enter(waiting)
        // A rebalancing does not give up a value that the new server can't read.
        let leftBehind = arrived.filter {
            values[$0] != nil && !(moves[$0].step.keepsWhatIsThere && arrivals[$0].isLost)
        }
        await leftBehind.map { moves[$0] }.removeLeftBehind(deadline: deadline)
    }

    /// Asks the new servers for receipts.
    /// - Returns: The keys that have none.
    private mutating func notArrived() async -> [Int] {
        let replies = await moves.ask(Array(moves.indices), of: \.new, deadline) { move, _, command in
            command.exists(move.receipt)
        }
        return replies.compactMap { index, result in
            do {
                return try result.get().requireInteger(from: moves[index].new) == 0 ? index : nil
            } catch {
                arrivals[index] = .failed(error)
                return nil
            }
        }.sorted()
    }

    /// Puts tombstones at the old servers, and reads the values there.
    /// - Returns: The keys that can go on.
    private mutating func leave(_ indices: [Int]) async -> [Int] {
        let leaving = indices.filter { moves[$0].step.stage != .closing }
        guard !leaving.isEmpty else { return indices }
        leftAt = .now
        let replies = await moves.ask(leaving, of: \.old, deadline) { move, _, command in
            command.eval(
                HandOverScript.leave, keys: [move.tombstone, move.key],
                ["\(move.step.markerMilliseconds)"])
        }
        for (index, result) in replies {
            do {
                let answer = try result.get().requireArray(of: 2, from: moves[index].old)
                values[index] = Self.value(answer)
            } catch let error as CachesError where moves[index].mayDoWithout(after: error) {
                unasked.insert(index)
            } catch {
                arrivals[index] = .failed(error)
            }
        }
        return indices.filter { arrivals[$0].failure == nil }
    }

    /// Parses the answers of `DUMP` and `PTTL`.
    private static func value(_ answer: ReplyArray) -> Value? {
        let (dump, ttl) = (answer[answer.startIndex], answer[answer.index(after: answer.startIndex)])
        guard let payload = dump.bytes, let milliseconds = ttl.integer else { return nil }
        let left = milliseconds < 0 ? nil : Int64(PeerNumber.milliseconds.clamped(milliseconds))
        return Value(payload: payload, ttl: left)
    }

    /// Stores the values at the new servers, with receipts.
    /// - Returns: The keys that have arrived.
    private mutating func enter(_ indices: [Int]) async -> [Int] {
        let (values, unasked) = (values, unasked)
        let elapsed = (ContinuousClock.now - leftAt).inMilliseconds + 1
        let replies = await moves.ask(
            indices, of: \.new, deadline, bytes: { values[$0]?.payload.count ?? 0 }
        ) { move, index, command in
            let value = values[index].flatMap { value in value.ttl(after: elapsed).map { ($0, value.payload) }
            }
            let mode = Self.keepsWhatIsThere(move, isUnasked: unasked.contains(index)) ? "keep" : "replace"
            command.begin(9)
            command.argument("EVAL")
            command.argument(HandOverScript.arrive)
            command.argument(2)
            command.argument(move.receipt)
            command.argument(move.key)
            command.argument(move.step.markerMilliseconds)
            command.argument(mode)
            command.argument(value?.0 ?? 0)
            command.argument(value?.1 ?? [])
        }
        return replies.compactMap { index, result in
            let move = moves[index]
            do {
                let stored = try result.get().requireInteger(from: move.new)
                let isLost = stored < 0 || unasked.contains(index)
                arrivals[index] = isLost ? .lost : stored == 1 ? .moved : .absent
                if move.step.stage != .closing { move.step.tally.count(arrivals[index]) }
                return index
            } catch {
                arrivals[index] = .failed(error)
                return nil
            }
        }
    }

    private static func keepsWhatIsThere(_ move: KeyMove, isUnasked: Bool) -> Bool {
        let step = move.step
        if step.stage == .closing || step.keepsWhatIsThere { return true }
        return isUnasked && move.old.configuration.identity == move.new.configuration.identity
    }
}

extension [KeyMove] {
    /// Sends a command for each of some keys: to all servers at once, to each server in pieces that leave
    /// room for others.
    ///
    /// - Parameter bytes: The size of the command on the key at an index, without its script.
    fileprivate func ask(
        _ indices: [Int], of server: @escaping @Sendable (KeyMove) -> Node, _ deadline: Deadline,
        bytes: @escaping @Sendable (Int) -> Int = { _ in 0 },
        _ write: @escaping @Sendable (KeyMove, Int, inout CommandWriter) -> Void
    ) async -> [(index: Int, result: Result<Reply, any Error>)] {
        let moves = self
        let portions = [Portion](of: indices) { server(moves[$0]) }
        let answers = await portions.concurrently { portion in
            await portion.inPieces(of: .commands, deadline: deadline, bytes: bytes) { piece in
                let replies = try await piece.node.carryOutEach(
                    Node.Call(piece.positions.count, idempotent: true, forKey: true, deadline: deadline)
                ) { command in
                    for index in piece.positions { write(moves[index], index, &command) }
                }.replies
                return (replies, replies.weight)
            }
        }
        return answers.flatMap(\.output).flatMap { piece, result in
            piece.positions.enumerated().map { place, index in
                (index, Result { try result.result(at: place).get().unlessError(from: piece.node) })
            }
        }
    }
}

extension KeyMove {
    /// Whether the old server is gone and the key is taken for absent there, rather than the server being
    /// asked and not answering in time.
    fileprivate func mayDoWithout(after error: CachesError) -> Bool {
        guard !step.keepsWhatIsThere else { return false }
        switch error.code {
        case .unreachable, .tls, .authentication, .closed: return true
        // Whatever error the call met, the old server is known to be out by now.
        default: return old.isOut
        }
    }
}
