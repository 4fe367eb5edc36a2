internal import CachesTransport
internal import Logging

/// Asks some of the others for the notes they took in place of a node, each until it has no notes left or
/// does not answer: carries out ``Looks``.
final class Inquiries: Sendable {
    private let node: Node
    private let outageLog: OutageLog
    private let looks: Locked<Looks>

    /// Whether notes of whole classes are processed as well.
    private let withScopes: Bool

    /// Whether a node that does not answer is asked again.
    private let persists: Bool

    init(
        for node: Node, at others: [Node], outageLog: OutageLog, withScopes: Bool = false,
        persists: Bool = false
    ) {
        self.node = node
        self.outageLog = outageLog
        looks = Locked(Looks(at: others.map(\.identity)))
        self.withScopes = withScopes
        self.persists = persists
    }

    /// The outcome so far.
    var outcome: Looks { looks.withLock { $0 } }

    /// How often a node's notes are processed in a row. A node that still has some after that is written to
    /// as fast as they are processed, or answers falsely; the rest is processed later.
    private static let mostRounds = 64

    /// Stops because the time is over.
    func giveUp() { looks.withLock { $0.giveUp() } }

    /// Asks one of the others.
    /// - Returns: Whether nothing is left to ask of any of them.
    func ask(_ other: Node) async -> Bool {
        let journal = Journal(of: node, on: other)
        var rounds = 0
        while let step = looks.withLock({ $0.step(other.identity) }), !Task.isCancelled {
            switch step {
            case .look: await look(at: journal)
            case .see where rounds == Self.mostRounds: looks.withLock { $0.leave(other.identity) }
            case .see:
                rounds += 1
                await see(journal)
            }
        }
        return looks.withLock { $0.isDone }
    }

    private func look(at journal: Journal) async {
        let other = journal.holder
        let look = await journal.look()
        if let memory = look.memory { outageLog.learned(memory, of: other) }
        if look.forged > 0 {
            other.logger.warning(
                "keys that begin with caches: were written by somebody else, and are removed",
                metadata: ["node": "\(other.name)", "keys": "\(look.forged)"])
        }
        if persists, look.found == .silence {
            try? await Task.sleep(for: .milliseconds(50))
        } else {
            looks.withLock { $0.looked(at: other.identity, look.found) }
        }
    }

    private func see(_ journal: Journal) async {
        let other = journal.holder.identity
        do {
            guard let fence = try await Fence(of: node) else {
                // Another process does it.
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...60)))
                return looks.withLock { $0.sawTo(other) }
            }
            let isDone = await Result { try await journal.see(withScopes: withScopes, fence: fence) }
            await fence.end()
            let wasLast = try isDone.get()
            looks.withLock { if wasLast { $0.sawTo(other) } else { $0.leave(other) } }
        } catch {
            // One of the two nodes failed; if it is the returning one, its own health shows that.
            looks.withLock { $0.fellSilent(other) }
        }
    }
}

extension Result where Failure == any Error {
    /// The outcome of some work.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
