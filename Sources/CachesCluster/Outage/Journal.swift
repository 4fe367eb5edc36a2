import CachesTransport

/// The notes that one of the others took in place of a node: reads and processes them on the node's return.
struct Journal: Sendable {
    /// The node that was out.
    let owner: Node

    /// The node that took the notes.
    let holder: Node

    let keys: StandInKeys

    init(of owner: Node, on holder: Node) {
        self.owner = owner
        self.holder = holder
        keys = StandInKeys(for: owner.identity)
    }

    /// The result of a look: the notes or a mark, the holder's memory, and the number of keys that another
    /// program wrote.
    struct Look: Sendable {
        var found: Looks.Found
        var memory: MemoryReply?
        var forged = 0
    }

    /// Looks once. If there are no notes, the same step marks the holder, and it takes none from then on.
    func look() async -> Look {
        let names = [keys.journal, keys.back, StandInKeys.memory]
        let arguments = [RandomName.next(), Self.milliseconds(owner.healthConfiguration.doubtBound)]
        do {
            let replies = try await atHolder(1) { $0.eval(StandInScript.close, keys: names, arguments) }
            let state = Array(try replies[0].unlessError(from: holder).requireArray(of: 7, from: holder))
            let (notes, forged) = (
                try state[0].requireNumber(.count, from: holder),
                try state[2].requireNumber(.count, from: holder)
            )
            guard let mark = state[1].text, mark.utf8.count <= 64 else {
                throw replies[0].unexpected(from: holder)
            }
            return Look(
                found: notes > 0 ? .notes : .nothing(mark: mark), memory: MemoryReply(state[3...]),
                forged: forged)
        } catch let error as CachesError where error.meansForbidden {
            return Look(found: .forbidden)
        } catch {
            return Look(found: .silence)
        }
    }

    /// Removes the noted keys at the owner, then the notes, a page at a time.
    ///
    /// - Parameter withScopes: Whether notes of whole classes are processed as well, which takes as long as a
    ///   `SCAN` of the owner.
    /// - Returns: Whether no note was left because `withScopes` is false.
    func see(withScopes: Bool, fence: Fence) async throws -> Bool {
        var cursor = "0"
        var trail = CursorTrail(pageSize: 500, mostSteps: Self.mostPages)
        var isDone = true
        repeat {
            let page = try await atHolder(1) { [cursor] command in
                command.words("HSCAN", keys.journal, cursor, "COUNT", "500")
            }
            let (next, notes) = try page[0].unlessError(from: holder).requireScan(from: holder)
            cursor = next
            if next != "0" { try trail.goOn(at: next, of: holder.name) }
            let seen = try await see(notes.compactMap(\.bytes), withScopes)
            isDone = isDone && seen
            try await fence.renew()
        } while cursor != "0"
        return isDone
    }

    /// A journal has at most 100 000 fields (`StandInScript`), in a table of at most eight times as many
    /// places.
    private static let mostPages = 4096

    /// - Parameter notes: Fields, each followed by the text that tells its note from others.
    private func see(_ notes: [Bytes], _ withScopes: Bool) async throws -> Bool {
        var (removed, forgotten): ([Bytes], [Bytes]) = ([], [])
        var isDone = true
        for index in stride(from: 0, to: notes.count - 1, by: 2) {
            switch JournalEntry(field: notes[index]) {
            case .key(let key): removed.append(Bytes(key.utf8))
            case .scope(let scope):
                guard withScopes else {
                    isDone = false
                    continue
                }
                try await owner.remove(Glob.escaping(scope).pattern + "*")
                try await removeCopies(scope)
            // Not written by this library: it is forgotten, and nothing is removed for it.
            case nil: break
            }
            forgotten += notes[index...index + 1]
        }
        if !removed.isEmpty { try await owner.unlinkWhileOut(removed) }
        guard !forgotten.isEmpty else { return isDone }
        _ = try await atHolder(1) { command in
            command.begin(6 + forgotten.count)
            command.argument("EVAL")
            command.argument(StandInScript.forget)
            command.argument(2)
            command.argument(keys.journal)
            command.argument(StandInKeys.generation)
            command.argument(keys.copyPrefix)
            for word in forgotten { command.argument(word) }
        }[0].unlessError(from: holder)
        return isDone
    }

    /// Removes the holder's copies of a class.
    private func removeCopies(_ scope: String) async throws {
        let pattern = Glob.escaping(keys.copyPrefix).pattern + "*:" + Glob.escaping(scope).pattern + "*"
        try await holder.remove(pattern, isReserved: true)
    }

    /// Asks the holder over whatever connection it has, even while it is out itself.
    private func atHolder(
        _ count: Int, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        let time = holder.healthConfiguration.pingTimeout
        if holder.isOut {
            let call = Node.Call(count, idempotent: true, deadline: .after(time), reach: .readmission)
            return try await holder.carryOut(call, write).replies
        }
        // A holder that nobody has needed so far must be connected to first.
        let opening = holder.session == nil ? holder.configuration.connection.connectTimeout : .zero
        return try await holder.pipeline(
            count, idempotent: true, deadline: .after(time + min(opening, .milliseconds(400))), write)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Int64(duration / .milliseconds(1)))"
    }
}

/// The lock of the process that removes the keys at a node that were noted while it was out: all others would
/// do the same.
///
/// It saves work, and nothing depends on it. It expires by itself, a second after its owner has stopped.
struct Fence: Sendable {
    private let owner: Node
    private let key: String

    /// Takes the lock; nil if another process has it.
    init?(of owner: Node) async throws {
        self.owner = owner
        key = StandInKeys(for: owner.identity).fence
        let reply = try await owner.carryOut(owner.readmissionCall()) { [key] command in
            command.eval(StandInScript.lock, keys: [key], [RandomName.next(), Self.milliseconds])
        }.only(from: owner)
        guard try reply.requireInteger(from: owner) == 1 else { return nil }
    }

    func renew() async throws {
        _ = try await owner.carryOut(owner.readmissionCall()) {
            $0.words("PEXPIRE", key, Self.milliseconds)
        }
    }

    func end() async {
        _ = try? await owner.carryOut(owner.readmissionCall()) { $0.words("UNLINK", key) }
    }

    private static let milliseconds = "1000"
}

extension Node {
    /// Removes the single values whose keys match a pattern, even while the node is out.
    func remove(_ pattern: String, isReserved: Bool = false) async throws {
        var cursor = "0"
        var trail = CursorTrail(pageSize: 1000)
        repeat {
            try Task.checkCancellation()
            let reply = try await carryOut(readmissionCall()) { [cursor] command in
                command.words("SCAN", cursor, "MATCH", pattern, "COUNT", "1000", "TYPE", "string")
            }.only(from: self)
            let (next, items) = try reply.requireScan(from: self)
            cursor = next
            if next != "0" { try trail.goOn(at: next, of: name) }
            let keys = items.compactMap(\.bytes).filter { isReserved || !ReservedKeys.contains($0) }
            if !keys.isEmpty { try await unlinkWhileOut(keys) }
        } while cursor != "0"
    }

    /// Removes keys, even while the node is out.
    func unlinkWhileOut(_ keys: [Bytes]) async throws {
        _ = try await carryOut(readmissionCall()) { command in
            command.begin(1 + keys.count)
            command.argument("UNLINK")
            for key in keys { command.argument(key) }
        }.only(from: self)
    }
}

extension Node {
    /// One command that must be carried out before the node is used again.
    func readmissionCall() -> Call { Call(idempotent: true, deadline: deadline(), reach: .readmission) }
}
