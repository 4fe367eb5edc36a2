import CachesCluster

/// The elements of a collection on a server, read batch by batch during iteration: in bounded memory, however
/// large the collection is, and without holding up the server.
///
/// ```swift
/// for try await element in SetCache<String>("seen").elements { … }
/// for try await (field, value) in DictCache<String, Profile>("42").items.batchSize(100) { … }
/// ```
///
/// It uses a cursor of the server (`HSCAN`, `SSCAN`), with the guarantee of those commands: elements present
/// from the first batch to the last are returned; elements added or removed meanwhile may be returned or not.
/// While the collection grows or shrinks much, an element may be returned more than once.
/// (https://redis.io/docs/latest/commands/scan/)
///
/// A cursor is valid only in the process that gave it: another server, or a restarted one, has the elements
/// in another order, and would leave some out. So when a batch comes over another connection than the one
/// before, or the key has moved to another node, the iteration starts again and returns the same elements
/// again.
///
/// Each batch is a call of its own, with a deadline of its own, and is asked for when the one before it has
/// been used up. All of them go to the owner of the key, whatever ``CacheEntry/reads`` says. An iteration
/// that is given up leaves nothing on the server.
public struct ScanSequence<Element: Sendable>: AsyncSequence, Sendable {
    let entry: CacheEntry
    let command: StaticString

    /// The elements of one batch; elements that can't be decoded are left out, and counted.
    let elements: @Sendable (ReplyArray) -> [Element]

    private var elementsPerBatch = 500

    init(
        of entry: CacheEntry, by command: StaticString,
        elements: @escaping @Sendable (ReplyArray) -> [Element]
    ) {
        self.entry = entry
        self.command = command
        self.elements = elements
    }

    /// The same, read in batches of another size.
    ///
    /// - Parameter count: About how many elements a round trip brings, 1 or more. Default 500. A server
    ///   returns some more where elements share a bucket of its table, and a small collection all at once.
    public func batchSize(_ count: Int) -> ScanSequence {
        var sequence = self
        sequence.elementsPerBatch = count
        return sequence
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sequence: self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let sequence: ScanSequence

        /// Where the server goes on; nil after the last batch.
        private var cursor: String? = "0"

        /// The rest of the last batch, in reverse.
        private var batch: [Element] = []

        /// A token for the origin of the batches since the cursor was 0: see ``CacheEntry/readPage(_:)``.
        private var origin: AnyObject?

        private var restarts = 0

        private var trail: CursorTrail

        /// How often an iteration may start again: if another server answered each time, it would never end.
        /// A hand-over takes three restarts.
        private static var maximumRestarts: Int { 8 }

        init(sequence: ScanSequence) {
            self.sequence = sequence
            trail = CursorTrail(pageSize: sequence.elementsPerBatch)
        }

        /// The next element, or nil after the last.
        /// - Throws: ``CachesError``, of code ``CachesError/Code/connectionLost`` if the iteration has
        ///   started again too often, and ``CachesError/Code/protocolViolation`` if the server's cursors
        ///   would never end; `CancellationError` if the task is cancelled.
        public mutating func next() async throws -> Element? {
            while batch.isEmpty, let cursor { try await fetch(cursor) }
            return batch.popLast()
        }

        private mutating func fetch(_ cursor: String) async throws {
            guard sequence.elementsPerBatch > 0 else {
                throw CachesError(
                    .invalidArgument, "A batch of \(sequence.elementsPerBatch) elements can't be read.",
                    advice: "Give a batch size of 1 or more.")
            }
            let elements = sequence.elements
            let scan = CacheCommand<Page>(
                sequence.command, [.text(cursor), "COUNT", .number(sequence.elementsPerBatch)],
                idempotent: true, whenOut: .miss(Page(next: "0", elements: [], source: ""))
            ) { reply, node in
                let (next, items) = try reply.requireScan(from: node)
                return Page(next: next, elements: elements(items), source: node.name)
            }
            guard let (page, origin) = try await sequence.entry.readPage(scan) else {
                self.cursor = nil
                return
            }
            defer { self.origin = origin }
            guard cursor == "0" || origin === self.origin else { return try beginAnew() }
            if page.next != "0" { try trail.goOn(at: page.next, of: page.source) }
            self.cursor = page.next == "0" ? nil : page.next
            batch = page.elements.reversed()
        }

        private mutating func beginAnew() throws(CachesError) {
            restarts += 1
            guard restarts <= Self.maximumRestarts else {
                throw CachesError(
                    .connectionLost,
                    "Another server or connection answered \(restarts) times while the collection at the key "
                        + "\(sequence.entry.key) was read, which starts over each time.",
                    advice: "Look why connections are lost, then try again, or read all at once by `copy()`.")
            }
            cursor = "0"
            trail = CursorTrail(pageSize: sequence.elementsPerBatch)
        }
    }

    private struct Page: Sendable {
        let next: String
        let elements: [Element]
        /// The name of the node that gave it.
        let source: String
    }
}
