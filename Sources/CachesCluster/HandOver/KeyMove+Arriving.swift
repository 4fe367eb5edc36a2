import CachesTransport

extension [KeyMove] {
    /// Sees to it that the new server of each key has the say: moves those that have not arrived.
    ///
    /// Many at once: each server is asked in one go, some hundred keys at a time.
    ///
    /// - Returns: For each key why it could not be moved, nil if it has arrived.
    func arrive(deadline: Deadline) async -> [(any Error)?] {
        var errors: [(any Error)?] = []
        for start in stride(from: 0, to: count, by: Arrival.most) {
            var arrival = Arrival(self[start..<Swift.min(start + Arrival.most, count)], deadline)
            await arrival.run()
            errors += arrival.errors
        }
        return errors
    }
}

/// Some keys on their way: step by step, each for all of them.
private struct Arrival {
    /// How many keys are moved at a time: their values are all in memory meanwhile.
    static let most = 256

    /// A value as a server keeps it, and its ttl.
    private struct Value {
        let payload: Bytes
        /// In milliseconds; nil for none.
        let ttl: Int64?

        /// What `RESTORE` takes after some milliseconds: 0 for no ttl; nil if the value has expired meanwhile.
        func ttl(after elapsed: Int64) -> Int64? {
            guard let ttl else { return 0 }
            return ttl > elapsed ? ttl - elapsed : nil
        }
    }

    private let moves: [KeyMove]
    private let deadline: Deadline

    /// For each key why it could not be moved.
    private(set) var errors: [(any Error)?]

    private var values: [Value?]

    /// When the old servers were asked.
    private var leftAt = ContinuousClock.now

    /// For which keys the old server could not be asked.
    private var unasked: Set<Int> = []

    init(_ moves: ArraySlice<KeyMove>, _ deadline: Deadline) {
        self.moves = Array(moves)
        self.deadline = deadline
        errors = Array(repeating: nil, count: moves.count)
        values = Array(repeating: nil, count: moves.count)
    }

    mutating func run() async {
        let waiting = await leave(await notArrived())
        guard !waiting.isEmpty else { return }
        await remove(await enter(waiting))
    }

    /// Asks the new servers for receipts.
    /// - Returns: The keys that have none.
    private mutating func notArrived() async -> [Int] {
        let replies = await ask(Array(moves.indices), of: \.new, deadline) { move, _, command in
            command.exists(move.receipt)
        }
        return replies.compactMap { index, result in
            do {
                return try result.get().requireInteger(from: moves[index].new) == 0 ? index : nil
            } catch {
                errors[index] = error
                return nil
            }
        }.sorted()
    }

    /// Puts tombstones at the old servers, and reads the values there.
    /// - Returns: The keys that can go on.
    private mutating func leave(_ indices: [Int]) async -> [Int] {
        let leaving = indices.filter { moves[$0].transition.stage != .closing }
        guard !leaving.isEmpty else { return indices }
        leftAt = .now
        let replies = await ask(leaving, of: \.old, deadline) { move, _, command in
            command.eval(
                HandOverScript.leave, keys: [move.tombstone, move.key],
                ["\(move.transition.markerMilliseconds)"])
        }
        for (index, result) in replies {
            do {
                let answer = try result.get().requireArray(of: 2, from: moves[index].old)
                values[index] = Self.value(answer)
            } catch let error as CachesError where moves[index].old.isGone(after: error) {
                unasked.insert(index)
            } catch {
                errors[index] = error
            }
        }
        return indices.filter { errors[$0] == nil }
    }

    /// What `DUMP` and `PTTL` answered.
    private static func value(_ answer: ReplyArray) -> Value? {
        let (dump, ttl) = (answer[answer.startIndex], answer[answer.index(after: answer.startIndex)])
        guard let payload = dump.bytes, let milliseconds = ttl.integer else { return nil }
        return Value(payload: payload, ttl: milliseconds < 0 ? nil : milliseconds)
    }

    /// Stores the values at the new servers, with receipts.
    /// - Returns: The keys that have arrived.
    private mutating func enter(_ indices: [Int]) async -> [Int] {
        let (values, unasked) = (values, unasked)
        let elapsed = Int64((ContinuousClock.now - leftAt) / .milliseconds(1)) + 1
        let replies = await ask(indices, of: \.new, deadline) { move, index, command in
            let value = values[index].flatMap { value in value.ttl(after: elapsed).map { ($0, value.payload) } }
            let mode = Self.keepsWhatIsThere(move, isUnasked: unasked.contains(index)) ? "keep" : "replace"
            command.begin(9)
            command.argument("EVAL")
            command.argument(HandOverScript.arrive)
            command.argument(2)
            command.argument(move.receipt)
            command.argument(move.key)
            command.argument(move.transition.markerMilliseconds)
            command.argument(mode)
            command.argument(value?.0 ?? 0)
            command.argument(value?.1 ?? [])
        }
        return replies.compactMap { index, result in
            let move = moves[index]
            do {
                let stored = try result.get().requireInteger(from: move.new)
                if move.transition.stage != .closing {
                    let isLost = stored < 0 || unasked.contains(index)
                    move.transition.tally.count(isLost ? .lost : stored == 1 ? .moved : .absent)
                }
                return index
            } catch {
                errors[index] = error
                return nil
            }
        }
    }

    private static func keepsWhatIsThere(_ move: KeyMove, isUnasked: Bool) -> Bool {
        let transition = move.transition
        if transition.stage == .closing || transition.keepsWhatIsThere { return true }
        return isUnasked && move.old.configuration.identity == move.new.configuration.identity
    }

    /// Frees the memory of what has arrived. If that fails, the value stays behind, and is never read.
    private func remove(_ indices: [Int]) async {
        let leftBehind = indices.filter { values[$0] != nil }
        guard !leftBehind.isEmpty else { return }
        _ = await ask(leftBehind, of: \.old, deadline) { move, _, command in
            command.eval(HandOverScript.remove, keys: [move.receipt, move.key], [])
        }
    }

    /// Sends a command for each of some keys, each server's in one go and all servers' at once.
    private func ask(
        _ indices: [Int], of server: @escaping @Sendable (KeyMove) -> Node, _ deadline: Deadline,
        _ write: @escaping @Sendable (KeyMove, Int, inout CommandWriter) -> Void
    ) async -> [(index: Int, result: Result<Reply, any Error>)] {
        let moves = moves
        let shares = Dictionary(grouping: indices) { ObjectIdentifier(server(moves[$0])) }
        return await withTaskGroup { group in
            for share in shares.values {
                group.addTask {
                    let node = server(moves[share[0]])
                    do {
                        let replies = try await node.pipeline(
                            share.count, idempotent: true, deadline: deadline
                        ) { command in
                            for index in share { write(moves[index], index, &command) }
                        }
                        return zip(share, replies).map { index, reply in
                            (index, Result { try reply.unlessError(from: node) })
                        }
                    } catch {
                        return share.map { ($0, Result<Reply, any Error>.failure(error)) }
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }
}

extension Node {
    /// Whether nobody is there to be asked, as against: asked, and not answering in time.
    fileprivate func isGone(after error: CachesError) -> Bool {
        switch error.code {
        case .unreachable, .tls, .authentication, .closed: return true
        case .connectionLost: if case .down = state { return true } else { return false }
        default: return false
        }
    }
}
