public import CachesTransport

/// The keys on the nodes of a connection that match a glob, read page by page while they are iterated: in
/// bounded memory, however many there are, and without holding up the servers.
///
/// ```swift
/// for try await key in CachePool.shared.keys(matching: "user.*") { print(key) }
/// ```
///
/// The nodes are read one after the other, each in the order in which it has its keys: none that means
/// anything. A key that is there from the first page to the last is returned; one that is added or removed
/// meanwhile may be or not. **A key may be returned more than once** while its server resizes its tables, or
/// if the connection was lost. Of nodes that are the same database of one server, as its `run_id` tells, one is read.
/// (https://redis.io/docs/latest/commands/scan/)
///
/// Of a cluster all masters are read. Keys of slots that move between its servers meanwhile may be missed, or come twice:
/// read again when a reshard is over.
///
/// **A node that fails stops no other.** After the last key of the last node, the iteration throws one error
/// that names the nodes of which keys are missing, with their errors as its ``NodeFailures``. Who stops before
/// the end finds them in ``AsyncIterator/failures``.
///
/// A node whose cursors come twice, or never end (after four billion places in its table), fails with an error that says so.
///
/// A key that is not UTF-8, which this library never makes, comes with U+FFFD for what can't be read. Each
/// page is a call of its own, with a deadline of its own.
public struct KeySequence: AsyncSequence, Sendable {
    let glob: Glob
    let batchSize: Int
    let deadline: Duration?

    /// Finds the nodes to read, and why some are not known.
    let find: @Sendable () async throws -> (nodes: [Node], failures: [CachesError])

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        /// Why nodes could not be read, or not to their end, so far.
        public private(set) var failures: [CachesError] = []

        private let sequence: KeySequence

        /// The scans that have not ended, the one under way last; nil before the first call.
        private var scans: [NodeScan]?

        /// How many nodes there are.
        private var count = 0

        /// What is left of the page that came last, in reverse.
        private var page: [Bytes] = []

        private var isOver = false

        fileprivate init(_ sequence: KeySequence) { self.sequence = sequence }

        /// The next key, or nil after the last if every node was read.
        ///
        /// - Throws: ``CachesError``: before the first key, of code ``CachesError/Code/invalidArgument`` for a
        ///   malformed glob or a batch size out of range, and of code ``CachesError/Code/configuration`` for an
        ///   unknown connection; after the last key, for the nodes that failed. `CancellationError` if the task
        ///   is cancelled. After an error comes nil.
        public mutating func next() async throws -> String? {
            do {
                while page.isEmpty {
                    guard try await fetch() else { return try end() }
                }
            } catch {
                isOver = true
                throw error
            }
            return page.popLast().map { String(decoding: $0, as: UTF8.self) }
        }

        /// Reads a page of the node whose turn it is, or notes that it fails.
        /// - Returns: false if no node is left.
        private mutating func fetch() async throws -> Bool {
            guard !isOver else { return false }
            if scans == nil { try await begin() }
            guard var scan = scans?.popLast() else { return false }
            do {
                page = try await scan.next().page.reversed()
                if !scan.isFinished { scans?.append(scan) }
            } catch let error as CachesError {
                failures.append(error.at(scan.node.name))
            }
            return true
        }

        private mutating func begin() async throws {
            let (nodes, failures) = try await sequence.find()
            self.failures = failures
            count = nodes.count + failures.count
            let claims = nodes.count > 1 ? ServerClaims() : nil
            scans = try nodes.reversed().map { node in
                try NodeScan(
                    node, matching: sequence.glob, batchSize: sequence.batchSize, deadline: sequence.deadline,
                    claims: claims)
            }
        }

        private mutating func end() throws(CachesError) -> String? {
            guard !isOver else { return nil }
            isOver = true
            guard !failures.isEmpty else { return nil }
            throw CachesError(
                failures, of: count, loss: "There may be more keys on",
                advice: "The keys of the other nodes are complete; read again when all answer.")
        }
    }
}
