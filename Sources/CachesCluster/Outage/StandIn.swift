package import CachesTransport

/// The nodes that serve a key while its owner is out.
package struct StandIn: Sendable {
    /// The owner.
    package let absent: Node

    /// The node that serves in its place, and notes the writes.
    package let node: Node

    /// The node that notes the writes as well: a note in one place is lost with one server. nil in a fleet of
    /// two.
    package let witness: Node?

    /// How long a value is kept at most.
    let ttl: Duration

    /// The number of the owner's outage.
    let outage: Int

    let rules: ReturnRules
    let outageLog: OutageLog

    /// How a command uses a stand-in.
    package enum Use: String, Sendable {
        case read, write
        /// It only notes that the key was written.
        case note
    }

    /// How many keys a journal notes one by one; after that it notes their classes. Default 100 000: some 10
    /// MB on a stand-in.
    static let mostNotes = 100_000

    /// How long a journal is kept after its last note: a server that is out for longer must return empty.
    static let journalTTL = Duration.seconds(7 * 24 * 3600)

    /// Writes a command to be carried out in place of the owner.
    ///
    /// - Parameters:
    ///   - words: The command's name and its words except the key.
    ///   - scope: The prefix that only the keys of the class have. Empty: there is none.
    ///   - holder: ``node`` or ``witness``.
    ///   - argument: Writes one of the words.
    package func write<Word>(
        _ words: [Word], on key: String, scope: String, _ use: Use, to command: inout CommandWriter,
        for holder: Node, argument: (Word, inout CommandWriter) -> Void
    ) {
        let keys = StandInKeys(for: absent.identity)
        command.begin(15 + words.count)
        command.argument("EVAL")
        command.argument(StandInScript.carryOut)
        command.argument(3)
        command.argument(StandInKeys.generation)
        command.argument(keys.back)
        command.argument(keys.journal)
        command.argument(outageLog.mark(of: absent, on: holder) ?? "")
        command.argument(Int64(ttl / .milliseconds(1)))
        command.argument(use.rawValue)
        command.argument(key)
        command.argument(scope)
        command.argument(Self.mostNotes)
        command.argument(Int64(Self.journalTTL / .milliseconds(1)))
        command.argument(keys.copyPrefix)
        command.argument(rules.noteNumbers == .random ? RandomName.next() : "1")
        for word in words { argument(word, &command) }
    }

    /// Remembers that a key is about to be written here.
    package func willWrite(_ key: String) { outageLog.willWrite(key, for: absent) }

    /// Waits while the owner returns: its return might miss values that are written elsewhere meanwhile.
    ///
    /// - Returns: Whether it is out.
    package func ownerIsOut(before deadline: Deadline) async throws -> Bool {
        try await absent.health(before: deadline) { $0 == .rejoining ? nil : $0.isOut } ?? false
    }

    /// Whether an error is the stand-in's answer that the owner is back.
    package static func saysBack(_ error: CachesError) -> Bool { error.code.serverName == "BACK" }

    /// Whether an error says that the stand-in takes no more notes.
    package static func isFull(_ error: CachesError) -> Bool { error.code.serverName == "FULL" }

    /// The outcome of waiting for an owner that a stand-in has reported as back.
    package enum News: Sendable {
        case isUsed
        /// The stand-in's answer was about the time before this outage; this process had not noticed that
        /// return.
        case isOutAgain
        /// This process can't reach it, though others can.
        case isUnreached
    }

    /// Waits until the owner is used again, after its stand-in has said that it is back; no longer than
    /// asking it once takes. Otherwise, if this process alone is cut off from it, each call would wait until
    /// its deadline.
    package func newsOfOwner(before deadline: Deadline) async throws -> News {
        var isAsked = false
        while true {
            // If it is asked too early, it ignores that: then once more.
            let nextAsk = Deadline.after(absent.timeUntilAskedAgain)
            let news = try await absent.health(before: min(deadline, nextAsk)) { health -> News? in
                guard health.isOut else { return .isUsed }
                if outageLog.count(of: absent) != outage { return .isOutAgain }
                switch health {
                case .ejected where isAsked: return .isUnreached
                case .ejected: absent.askAgain()
                case .probing, .rejoining: isAsked = true
                case .healthy, .suspect: break
                }
                return nil
            }
            if let news { return news }
            if deadline.hasPassed { return absent.isOut ? .isUnreached : .isUsed }
        }
    }
}

/// A unique name.
enum RandomName {
    static func next() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }
}
