/// The items of a sorted set in order, read batch by batch while they are iterated: in bounded memory,
/// however large the set is, and exactly as many as are asked for.
///
/// ```swift
/// for try await (score, element) in z.descending.limit(100) { … }
/// for try await (score, element) in z.ascending.offset(10).limit(7) { … }
/// ```
///
/// Others may write meanwhile. An element that is there from the first batch to the last, with the same
/// score, is returned exactly once and in order, whatever is added or removed round it. One that is added,
/// removed or given another score meanwhile may be returned or not, and if its score changes, also twice.
///
/// Each batch is a call of its own, with a deadline of its own; after the first one it is a script, for which
/// an ACL user needs `+eval`. An iteration that is given up leaves nothing on the server.
///
/// Items that can't be decoded are left out, and counted (``CacheCounters/undecodable``).
public struct SortedSetSequence<Member: Codable & Hashable & Sendable>: AsyncSequence, Sendable {
    /// An element with its score.
    public typealias Element = (score: Double, element: Member)

    private let cache: SortedSetCache<Member>
    private let end: SortedSetEnd
    private var offset = 0
    private var limit: Int?
    private var itemsPerBatch = 500

    init(_ cache: SortedSetCache<Member>, from end: SortedSetEnd) {
        self.cache = cache
        self.end = end
    }

    /// The same items without the first `count`, which the server skips. Default 0.
    ///
    /// They are counted when the iteration begins, with those that can't be decoded. A negative count makes
    /// the iteration throw ``CachesError/Code/invalidArgument``.
    public func offset(_ count: Int) -> SortedSetSequence {
        var sequence = self
        sequence.offset = count
        return sequence
    }

    /// At most `count` items, after those that ``offset(_:)`` skips. Default: all.
    ///
    /// No more are read from the server, where Swift's own `prefix(_:)` reads whole batches. A negative count
    /// makes the iteration throw ``CachesError/Code/invalidArgument``.
    public func limit(_ count: Int) -> SortedSetSequence {
        var sequence = self
        sequence.limit = count
        return sequence
    }

    /// The same items, read in batches of another size.
    ///
    /// - Parameter count: How many items a round trip brings at most, and are in memory at a time: 1 or more.
    ///   Default 500. Another makes the iteration throw ``CachesError/Code/invalidArgument``.
    public func batchSize(_ count: Int) -> SortedSetSequence {
        var sequence = self
        sequence.itemsPerBatch = count
        return sequence
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sequence: self) }
}

extension SortedSetSequence {
    public struct AsyncIterator: AsyncIteratorProtocol {
        private enum Position {
            case start
            case after(StoredItem)
            case end
        }

        private let sequence: SortedSetSequence
        private var position = Position.start

        /// How many items may still be read.
        private var remaining: Int

        /// The rest of the last batch, in reverse.
        private var batch: [Element] = []

        fileprivate init(sequence: SortedSetSequence) {
            self.sequence = sequence
            remaining = sequence.limit ?? .max
        }

        /// The next item, or nil after the last.
        /// - Throws: ``CachesError``, of code `.server("WRONGTYPE")` if there is no sorted set at the key;
        ///   `CancellationError` if the task is cancelled.
        public mutating func next() async throws -> Element? {
            try sequence.check()
            while batch.isEmpty, remaining > 0 {
                // Far more than a server would send, and the ranks stay exact in a script's floating point.
                let size = Swift.min(sequence.itemsPerBatch, remaining, 1 << 32)
                guard let command = try page(of: size) else { break }
                let page = try await sequence.cache.run(command).prefix(size)
                batch = sequence.cache.decoded(page).reversed()
                remaining -= batch.count
                position = if let last = page.last, page.count == size { .after(last) } else { .end }
            }
            return batch.popLast()
        }

        /// The command that reads the next page; nil after the last page.
        private func page(of size: Int) throws(CachesError) -> CacheCommand<[StoredItem]>? {
            switch position {
            case .start:
                sequence.cache.listCommand(
                    RankRange(first: sequence.offset, count: size), from: sequence.end)
            case .after(let item):
                try sequence.cache.listCommand(size, after: item, from: sequence.end)
            case .end: nil
            }
        }
    }

    fileprivate func check() throws(CachesError) {
        guard itemsPerBatch > 0 else {
            throw CachesError(
                .invalidArgument, "A batch of \(itemsPerBatch) items can't be read.",
                advice: "Give a batch size of 1 or more.")
        }
        guard offset >= 0, limit ?? 0 >= 0 else {
            throw CachesError(
                .invalidArgument, "\(Swift.min(offset, limit ?? 0)) items can be neither skipped nor read.",
                advice: "Give an offset and a limit of 0 or more.")
        }
    }
}
