/// What a collection on a server holds, read batch by batch while it is iterated: in bounded memory, however
/// large the collection is, and without holding up the server.
///
/// ```swift
/// for try await element in SetCache<String>("seen").elements() { … }
/// ```
///
/// It is a cursor of the server (`HSCAN`, `SSCAN`), with the promise that those make: what is there from the
/// first batch to the last is returned; what is added or removed meanwhile may be or not. While the collection
/// grows or shrinks much, an element may be returned more than once.
/// (https://redis.io/docs/latest/commands/scan/)
///
/// Each batch is a call of its own, with a deadline of its own. An iteration that is given up leaves nothing on
/// the server.
public struct ScanSequence<Element: Sendable>: AsyncSequence, Sendable {
    let entry: CacheEntry
    let command: StaticString
    let batchSize: Int

    /// The elements of one batch; what can't be decoded is left out, and counted.
    let elements: @Sendable (ReplyArray) -> [Element]

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sequence: self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let sequence: ScanSequence

        /// Where the server goes on; nil after the last batch.
        private var cursor: String? = "0"

        /// What is left of the batch that came last, in reverse.
        private var batch: [Element] = []

        init(sequence: ScanSequence) { self.sequence = sequence }

        /// The next element, or nil after the last.
        /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
        public mutating func next() async throws -> Element? {
            while batch.isEmpty, let cursor { try await fetch(cursor) }
            return batch.popLast()
        }

        private mutating func fetch(_ cursor: String) async throws {
            guard sequence.batchSize > 0 else {
                throw CachesError(
                    .invalidArgument, "A batch of \(sequence.batchSize) elements can't be read.",
                    advice: "Give a batch size of 1 or more.")
            }
            let elements = sequence.elements
            let scan = CacheCommand<Page>(
                sequence.command, [.text(cursor), "COUNT", .text(String(sequence.batchSize))],
                idempotent: true, whenOut: .miss(Page(next: "0", elements: []))
            ) { reply, node in
                let (next, items) = try reply.requireScan(from: node)
                return Page(next: next, elements: elements(items))
            }
            let page = try await sequence.entry.run(scan)
            self.cursor = page.next == "0" ? nil : page.next
            batch = page.elements.reversed()
        }
    }

    private struct Page: Sendable {
        let next: String
        let elements: [Element]
    }
}
