public import CachesTransport

/// The keys on the nodes of a connection that match a glob, read page by page while they are iterated: in
/// bounded memory, however many there are, and without blocking the servers.
///
/// ```swift
/// for try await key in CachePool.shared.keys(matching: "user.*") { print(key) }
/// ```
///
/// The nodes are read one after the other, each in its own, arbitrary order. A key that exists from the first
/// page to the last is returned; one that is added or removed meanwhile may be returned or not. **A key may
/// be returned more than once** while its server resizes its tables, or if the connection was lost. If
/// several nodes are the same database of one server, by its `run_id`, only one of them is read.
/// (https://redis.io/docs/latest/commands/scan/)
///
/// All masters of a cluster are read. Keys of slots that move between its servers meanwhile may be missed or
/// returned twice: read again when the reshard is over.
///
/// **A node that fails does not stop the others.** After the last key of the last node, the iteration throws
/// one error that names the nodes with missing keys, with their errors as its ``NodeFailures``. After an
/// earlier stop, they are in ``AsyncIterator/failures``.
///
/// A node whose cursors repeat, or never end (after four billion places in its table), fails with an error
/// that says so.
///
/// A key that is not UTF-8, which this library never makes, is returned with U+FFFD for each invalid part.
/// Each page is a call of its own, with a deadline of its own.
public struct KeySequence: AsyncSequence, Sendable {
    let glob: Glob
    let batchSize: Int
    let deadline: Duration?

    /// Finds the nodes to read, and the errors of nodes that could not be found.
    let find: @Sendable () async throws -> (nodes: [Node], failures: [CachesError])

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        /// The errors so far of nodes that could not be read, or not to their end.
        public private(set) var failures: [CachesError] = []

        private let sequence: KeySequence

        /// The scans that have not ended, the current one last; nil before the first call.
        private var scans: [NodeScan]?

        /// How many nodes there are.
        private var count = 0

        /// The rest of the last page, in reverse.
        private var page: [Bytes] = []

        private var isOver = false

        fileprivate init(_ sequence: KeySequence) { self.sequence = sequence }

        /// The next key, or nil after the last if every node was read.
        ///
        /// - Throws: ``CachesError``: before the first key, of code ``CachesError/Code/invalidArgument`` for
        ///   a malformed glob or a batch size out of range, and of code ``CachesError/Code/configuration``
        ///   for an unknown connection; after the last key, for the nodes that failed. `CancellationError` if
        ///   the task is cancelled. After an error comes nil.
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

        /// Reads a page of the current node, or records that the node failed.
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
