package import CachesTransport

/// The indices of the items that belong to one node.
///
/// Public only because inlined code uses it, for the type of batch results.
public struct Portion: Sendable {
    public let node: Node
    public var positions: [Int] = []

    /// How many positions have room from the start.
    @inlinable static var usualCount: Int { 64 }

    package init(of node: Node) { self.node = node }

    private init(of node: Node, _ positions: ArraySlice<Int>) {
        self.node = node
        self.positions = Array(positions)
    }

    @inlinable @inline(__always)
    public mutating func append(_ position: Int) {
        if positions.isEmpty { positions.reserveCapacity(Self.usualCount) }
        positions.append(position)
    }
}

// MARK: - In pieces

extension Portion {
    /// How the items of a portion become commands.
    package enum Form: Sendable {
        /// One command takes all keys of a piece.
        case keys
        /// One command per key; all are alike, and their order does not matter.
        case keysByThemselves
        /// One command per item; they are carried out in order.
        case commands

        /// About how many bytes an item takes in addition to its own: the lengths before its words, and words
        /// that all have.
        var framing: Int {
            switch self {
            case .keys: 8
            case .keysByThemselves: 24
            case .commands: 48
            }
        }
    }

    /// Whether one command may take all of the keys: they are few, for the known weight of their replies.
    package var fitsOneCommand: Bool { positions.count <= node.bulk.firstKeys }

    /// Whether commands for all items may be sent at once.
    ///
    /// - Parameter bytes: The most that they weigh.
    package func fitsOnePiece(of form: Form, bytes: Int) -> Bool {
        let weight = bytes + positions.count * form.framing
        return node.bulk.limits.isSmall(commands: positions.count, bytes: weight)
            && (form == .commands || fitsOneCommand)
    }

    /// Notes the weight of the replies to some keys of the portion.
    package func note(replyBytes: Int) { node.bulk.note(keys: positions.count, bytes: replyBytes) }

    /// Sends the portion in pieces, each when it is its turn on the node's connection.
    ///
    /// After a piece that failed as a whole no other is sent: the rest would fail alike.
    ///
    /// - Parameters:
    ///   - deadline: When all pieces have to be done.
    ///   - bytes: The weight of the item at a position.
    ///   - send: Sends a piece, waits for its replies, and returns their weight; nil if it does not help to
    ///     size later calls.
    /// - Returns: The outcome of each piece, in any order. Together they are the portion.
    package func inPieces<Output: Sendable>(
        of form: Form, deadline: Deadline, bytes: @escaping @Sendable (_ position: Int) -> Int,
        _ send: @escaping @Sendable (_ piece: Portion) async throws -> (output: Output, bytes: Int?)
    ) async -> [(portion: Portion, output: Result<Output, any Error>)] {
        let bulk = node.bulk
        let size =
            switch form {
            case .keys: PieceSize(bulk.limits, first: bulk.firstKeys, most: BulkLimits.mostKeys)
            case .keysByThemselves:
                PieceSize(bulk.limits, first: bulk.firstKeys, most: bulk.limits.pieceCommands)
            case .commands:
                PieceSize(
                    bulk.limits, first: BulkLimits.mostKeysAtFirst, most: bulk.limits.pieceCommands)
            }
        let rest = Locked(Rest(size: size))
        let cut: @Sendable () -> (portion: Portion, bytes: Int)? = {
            rest.withLock { rest in
                guard rest.failure == nil, rest.start < positions.count else { return nil }
                let (count, bytes) = rest.size.cut(positions[rest.start...]) { bytes($0) + form.framing }
                defer { rest.start += count }
                return (Portion(of: node, positions[rest.start..<rest.start + count]), bytes)
            }
        }
        let lane: @Sendable () async -> [(portion: Portion, output: Result<Output, any Error>)] = {
            var all: [(portion: Portion, output: Result<Output, any Error>)] = []
            while let (portion, bytes) = cut() {
                let count = portion.positions.count
                let piece = BulkPiece(commands: form == .keys ? 1 : count, bytes: bytes)
                do {
                    let (output, replyBytes) = try await node.inTurnAlways(piece, deadline: deadline) {
                        try await send(portion)
                    }
                    if form != .commands, let replyBytes { portion.note(replyBytes: replyBytes) }
                    rest.withLock { $0.size.note(count: count, replyBytes: replyBytes ?? 0) }
                    all.append((portion, .success(output)))
                } catch {
                    if !(error is PartialFailure) { rest.withLock { $0.failure = $0.failure ?? error } }
                    all.append((portion, .failure(error)))
                }
            }
            return all
        }
        var all = await withTaskGroup { group in
            // Commands keep their order, even if one is sent again. For keys that are read or removed, two
            // pieces at a time keep the server busy while the caller processes replies.
            if form != .commands { group.addTask { await lane() } }
            var all = await lane()
            for await more in group { all += more }
            return all
        }
        let (start, failure) = rest.withLock { ($0.start, $0.failure) }
        if start < positions.count, let failure {
            all.append((Portion(of: node, positions[start...]), .failure(failure.ofUnsent)))
        }
        return all
    }

    /// The unsent rest of a portion.
    private struct Rest: Sendable {
        var size: PieceSize
        var start = 0
        /// Why no more is sent.
        var failure: (any Error)?
    }
}

extension Error {
    /// The same error, for items that were to be sent after it and were not.
    package var ofUnsent: any Error {
        guard var error = self as? CachesError else { return self }
        error.wasNotSent = true
        return error
    }
}

extension [Portion] {
    /// The portions of all nodes that have one, in the order of first appearance.
    package init(of positions: [Int], by node: (Int) -> Node) {
        self = []
        for position in positions { append(position, of: node(position)) }
    }

    /// Adds a position to its node's portion.
    package mutating func append(_ position: Int, of node: Node) {
        // From the front: for a few dozen nodes that is no slower than hashing.
        let index = firstIndex { $0.node === node } ?? count
        if index == count { append(Portion(of: node)) }
        self[index].append(position)
    }

    /// Calls `body` for all portions concurrently.
    /// - Returns: The outcome of each, in any order.
    @inlinable
    public func concurrently<Output: Sendable>(
        _ body: @escaping @Sendable (Portion) async -> Output
    ) async -> [(portion: Portion, output: Output)] {
        guard let first else { return [] }
        // The caller does the first itself: with a single node no task is made at all.
        return await withTaskGroup { group in
            for portion in dropFirst() { group.addTask { (portion, await body(portion)) } }
            var all = [(first, await body(first))]
            for await result in group { all.append(result) }
            return all
        }
    }
}
