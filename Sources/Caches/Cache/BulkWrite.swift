import CachesCluster
import CachesTransport

/// Values to be stored at keys of one class, as bytes. They are known by where they stand in the order given.
// The part that makes them of a class's values is inlinable, and compiled for their type; this part is the
// same for all.
@usableFromInline struct BulkWrite: Sendable {
    private(set) var keys: [CacheKey] = []
    private var payloads: [Payload] = []
    private var milliseconds: [Int64?] = []

    /// The weight of all values.
    private var bytes = 0

    /// Why a value can't be stored at all: the first such.
    private(set) var refusal: CachesError?

    @usableFromInline init() {}

    /// Adds a value, unless it is too large for any server.
    @usableFromInline
    mutating func append(
        _ payload: Payload, at key: CacheKey, milliseconds: Int64?
    ) throws(CachesError) {
        // The connection would refuse all that is sent together for one.
        bytes += try payload.checkSize()
        keys.append(key)
        payloads.append(payload)
        self.milliseconds.append(milliseconds)
    }

    /// Notes why a value can't be added.
    @usableFromInline
    mutating func refuse(_ error: CachesError) {
        if refusal == nil { refusal = error }
    }

    /// The positions whose keys get no other value later in the list: single writes go out in any order, and
    /// an earlier value must not replace a later one.
    func last(of positions: [Int]) -> [Int] {
        guard !positions.isEmpty else { return [] }
        let last = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { $1 })
        return positions.filter { last[keys[$0]] == $0 }
    }

    /// The command that stores one of them.
    func command(at position: Int) -> CacheCommand<Void> {
        CacheCommand(storing: payloads[position], milliseconds: milliseconds[position])
    }

    /// Stores all of them, all nodes' at once, each node's in order: together, or in pieces if they are many
    /// or large.
    /// - Returns: Why which failed, in the order given.
    func carryOut(
        on pool: CachePool, _ connection: ConnectionName, deadline: Duration?, policy: OutagePolicy
    ) async -> [(position: Int, error: any Error)] {
        let portions = Portions(keys, on: pool, connection, policy: policy)
        var failures = portions.refusals.map { (position: $0.position, error: $0.error as any Error) }
        let answers = await portions.sendEach(bytes: bytes, deadline: deadline, size: size) {
            write($0, to: &$1)
        }
        for (portion, result) in answers {
            for (index, position) in portion.positions.enumerated() {
                note(result.result(at: index).map { ($0, portion.node) }, at: position, &failures)
            }
        }
        let singles = await portions.sendSingles(deadline: deadline, size: size) { write($0, to: &$1) }
        for (position, result) in singles {
            note(result, at: position, &failures)
        }
        return failures.sorted { $0.position < $1.position }
    }

    private func note(
        _ result: RoutedReply, at position: Int, _ failures: inout [(position: Int, error: any Error)]
    ) {
        do {
            let (reply, node) = try result.get()
            try reply.unlessError(from: node).requireOK(from: node)
        } catch {
            failures.append((position, error))
        }
    }

    /// The weight of the command at a position, up to a few bytes.
    private func size(_ position: Int) -> Int {
        payloads.span[position].count + keys.span[position].bytes.count
    }

    /// Writes the words of ``command(at:)``.
    private func write(_ position: Int, to command: inout CommandWriter) {
        command.set(
            keys.span[position].bytes, to: payloads.span[position], milliseconds: milliseconds[position])
    }
}
