import CachesTransport

/// The keys of one node that match a glob, page by page. (https://redis.io/docs/latest/commands/scan/)
///
/// The server promises that each key which exists from the first page to the last is in one of them, even if
/// other keys come and go, or are removed page by page. Only the process that gave a cursor understands it:
/// another server that took over the address, or one that was restarted and has loaded its data, has its keys
/// in another order, and would leave some out. So if the connection differs from that of the page before, the
/// scan starts again.
struct NodeScan: Sendable {
    let node: Node

    /// How many keys the node had when the scan began; nil if it doesn't say (an ACL may forbid `DBSIZE`).
    private(set) var size: Int?

    private let pattern: String
    private let batchSize: Int
    let deadline: Duration?

    /// The server's cursor; nil after the last page.
    private var cursor: String? = "0"

    /// The connection of the pages so far.
    private var connection: NodeConnection?

    private var restarts = 0

    /// The claims of all scans on databases and servers; nil if there is only one scan.
    private let claims: ServerClaims?

    /// The pages since the cursor was 0.
    private var pages = 0

    private var trail: CursorTrail

    /// How often a scan may start again: a node whose connection is lost time and again would never end it.
    private static let maximumRestarts = 3

    /// How many keys a page may have.
    private static let batchSizes = 1...100_000

    /// The most keys removed in one round trip: the size of default pages, though the server may return a few
    /// more.
    private static let mostRemovedAtOnce = 2048

    init(
        _ node: Node, matching glob: Glob, batchSize: Int, deadline: Duration?, claims: ServerClaims? = nil
    ) throws(CachesError) {
        guard Self.batchSizes.contains(batchSize) else {
            throw CachesError(
                .invalidArgument, "A batch of \(batchSize) keys can't be read.",
                advice: "Give a batch size from 1 to 100 000.")
        }
        self.node = node
        self.pattern = try glob.checked()
        self.batchSize = batchSize
        self.deadline = deadline
        self.claims = claims
        trail = CursorTrail(pageSize: batchSize)
    }

    /// Whether every page has been read.
    var isFinished: Bool { cursor == nil }

    /// About how many keys the server has looked at: the batch size per page, and at most the total.
    var visited: Int {
        guard let size else { return pages * batchSize }
        return isFinished ? size : min(pages * batchSize, size)
    }

    /// Removes keys and reads the next page: in one round trip, unless there are so many keys that other
    /// calls would wait for their end.
    ///
    /// - Parameter keys: The keys to remove (`UNLINK`); if empty, no such command is sent.
    /// - Returns: How many keys were removed, and the keys of the page: empty after the last.
    mutating func next(removing keys: [Bytes] = []) async throws -> (removed: Int, page: [Bytes]) {
        var (removed, keys) = (0, keys[...])
        let size = PieceSize(node.bulk.limits, first: Self.mostRemovedAtOnce, most: Self.mostRemovedAtOnce)
        while true {
            let (count, bytes) = size.cut(keys) { $0.count }
            guard count < keys.count else {
                let trip = try await next(removing: keys, bytes)
                return (removed + trip.removed, trip.page)
            }
            removed += try await remove(keys.prefix(count), bytes)
            keys = keys.dropFirst(count)
        }
    }

    /// Removes keys that fit in one piece of a bulk call.
    private func remove(_ keys: ArraySlice<Bytes>, _ bytes: Int) async throws -> Int {
        // A server of a cluster takes only keys of one slot in a command.
        let commands = node.hasSlots ? keys.count : 1
        let deadline = node.deadline(deadline)
        let piece = BulkPiece(commands: commands, bytes: bytes)
        let replies = try await node.inTurnAlways(piece, deadline: deadline) {
            try await node.pipeline(commands, idempotent: true, deadline: deadline) {
                Self.write(keys, commands: commands, to: &$0)
            }
        }
        return try replies.reduce(0) { try $0 + removed(by: $1, of: Self.share(of: keys, commands)) }
    }

    private static func write(_ keys: ArraySlice<Bytes>, commands: Int, to command: inout CommandWriter) {
        let share = share(of: keys, commands)
        for removal in 0..<commands {
            command.begin(1 + share)
            command.argument("UNLINK")
            for key in keys.dropFirst(removal * share).prefix(share) { command.argument(key) }
        }
    }

    /// How many of the keys each of the commands removes.
    private static func share(of keys: ArraySlice<Bytes>, _ commands: Int) -> Int {
        commands == 0 ? 0 : keys.count / commands
    }

    /// How many keys a command has removed, by its reply.
    private func removed(by reply: Reply, of count: Int) throws(CachesError) -> Int {
        let answer = try reply.unlessError(from: node)
        do throws(CachesError) { return try answer.requireCount(atMost: count, from: node) } catch {
            throw error.naming(command: "UNLINK")
        }
    }

    private mutating func next(
        removing keys: ArraySlice<Bytes>, _ bytes: Int
    ) async throws -> (removed: Int, page: [Bytes]) {
        let (cursor, pattern, batchSize) = (cursor, pattern, batchSize)
        let isFirst = connection == nil
        // A server of a cluster takes only keys of one slot in a command.
        let removals = node.hasSlots ? keys.count : keys.isEmpty ? 0 : 1
        let claims = isFirst ? claims : nil
        let commands = (isFirst ? 1 : 0) + (claims == nil ? 0 : 1) + removals + (cursor == nil ? 0 : 1)
        guard commands > 0 else { return (0, []) }

        // All of them are idempotent: a removed key stays removed, and a page may be read again.
        let call = Node.Call(commands, idempotent: true, deadline: node.deadline(deadline))
        let piece = BulkPiece(commands: commands, bytes: bytes)
        let answer = try await node.inTurn(piece, deadline: call.deadline) {
            try await node.carryOut(call) { command in
                if isFirst {
                    command.begin(1)
                    command.argument("DBSIZE")
                }
                if claims != nil { command.words("INFO", "server") }
                Self.write(keys, commands: removals, to: &command)
                if let cursor {
                    command.begin(6)
                    for word in ["SCAN", cursor, "MATCH", pattern, "COUNT"] { command.argument(word) }
                    command.argument(batchSize)
                }
            }
        }

        let connection = answer.connection
        var rest = answer.replies[...]
        if isFirst, case .integer(let size)? = rest.popFirst() { self.size = PeerNumber.count.checked(size) }
        if let claims, let server = rest.popFirst(),
            !claims.claim(server, node.configuration.connection.database)
        {
            // Another node is the same database of the same server.
            self.connection = connection
            self.cursor = nil
            size = 0
            return (0, [])
        }
        var removed = 0
        let share = Self.share(of: keys, removals)
        for _ in 0..<removals { removed += try self.removed(by: take(&rest), of: share) }
        guard cursor != nil else { return (removed, []) }
        let (next, items) = try take(&rest).requireScan(from: node)
        try advance(to: next, over: connection)
        return (removed, items.compactMap(\.bytes).filter { !ReservedKeys.contains($0) })
    }

    private mutating func advance(to next: String, over connection: NodeConnection?) throws(CachesError) {
        defer { self.connection = connection }
        if let last = self.connection, last !== connection {
            restarts += 1
            guard restarts <= Self.maximumRestarts else { throw tooManyRestarts }
            cursor = "0"
            pages = 0
            trail = CursorTrail(pageSize: batchSize)
        } else {
            if next != "0" { try trail.goOn(at: next, of: node.name) }
            cursor = next == "0" ? nil : next
            pages += 1
        }
    }

    /// The next reply, unless it is an error.
    private func take(_ replies: inout ArraySlice<Reply>) throws(CachesError) -> Reply {
        let reply = replies.popFirst() ?? .null
        if case .error(let error) = reply { throw error.error(node: node.name) }
        return reply
    }

    private var tooManyRestarts: CachesError {
        CachesError(
            .connectionLost,
            "The connection was lost \(restarts) times while keys were read, which starts over each time.",
            advice: "Look why the server closes connections, then try again.", node: node.name)
    }
}
