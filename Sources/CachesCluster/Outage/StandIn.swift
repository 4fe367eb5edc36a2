package import CachesTransport

/// The node that serves a key while its owner is out.
package struct StandIn: Sendable {
    /// The owner.
    package let absent: Node

    /// Who serves in its place.
    package let node: Node

    /// The most that a value is kept.
    let ttl: Duration

    let ledger: OutageLedger

    /// How a command uses a stand-in.
    package enum Use: String, Sendable {
        case read, write
        /// It notes that the key was written, and does nothing else.
        case note
    }

    /// How many keys a journal notes one by one; beyond that, by their scope. Default 100 000: some 10 MB on a
    /// stand-in.
    static let mostNotes = 100_000

    /// How long a journal is kept after its last note: a server that is out for longer has to return empty.
    static let journalTTL = Duration.seconds(7 * 24 * 3600)

    /// Writes a command to be carried out here.
    ///
    /// - Parameters:
    ///   - words: The command's name and its words but for the key.
    ///   - argument: Writes one of the words.
    package func write<Word>(
        _ words: [Word], on key: String, _ use: Use, to command: inout CommandWriter,
        argument: (Word, inout CommandWriter) -> Void
    ) {
        let keys = StandInKeys(for: absent.configuration.identity)
        command.begin(14 + words.count)
        command.argument("EVAL")
        command.argument(StandInScript.carryOut)
        command.argument(3)
        command.argument(StandInKeys.generation)
        command.argument(keys.back)
        command.argument(keys.journal)
        command.argument(ledger.mark(of: absent, on: node) ?? "")
        command.argument(Int64(ttl / .milliseconds(1)))
        command.argument(use.rawValue)
        command.argument(key)
        command.argument(StandInKeys.scope(of: key))
        command.argument(Self.mostNotes)
        command.argument(Int64(Self.journalTTL / .milliseconds(1)))
        command.argument(keys.copyPrefix)
        for word in words { argument(word, &command) }
    }

    /// Whether an error is the stand-in's news that the owner is back.
    package static func saysBack(_ error: CachesError) -> Bool { error.code.serverName == "BACK" }

    /// Waits until the owner is used again, after its stand-in has said that it is back.
    ///
    /// - Returns: Whether it is. If not, this process can't reach it, though others can.
    package func ownerIsBack(before deadline: Deadline) async throws -> Bool {
        absent.askAgain()
        while absent.isOut, !deadline.hasPassed { try await Task.sleep(for: .milliseconds(5)) }
        return !absent.isOut
    }
}

extension CachePool {
    /// Who serves a key in place of its owner, which is out; nil if nobody does: there is no other node, all are out,
    /// or so many that it is more likely this process that is cut off.
    package func standIn(
        for key: String, on connection: ConnectionName, owner: Node, ttl: Duration
    ) throws(CachesError) -> StandIn? {
        guard !surroundings.roster.isInPanic, !owner.isOfCluster else { return nil }
        let others = try failoverOrder(of: key, on: connection).lazy.filter {
            !$0.isSameServer(as: owner) && !$0.isOut && !$0.isOfCluster
        }
        return others.first.map {
            StandIn(absent: owner, node: $0, ttl: ttl, ledger: surroundings.ledger)
        }
    }
}
