package import CachesTransport

/// A key whose value at its owner may be older than one written in the owner's place: see ``Rejoin``.
package struct DoubtfulKey: Sendable {
    let key: String
    let since: Int64
    let owner: Node

    /// How a command uses the key.
    package enum Use: String, Sendable {
        /// It replaces the whole value: after that there is no doubt.
        case write
        /// It is carried out only if the value is known to be new enough.
        case read
    }

    /// Writes a command to be carried out by the owner.
    ///
    /// - Parameters:
    ///   - words: The command's name and its words except the key.
    ///   - argument: Writes one of the words.
    package func write<Word>(
        _ words: [Word], _ use: Use, to command: inout CommandWriter,
        argument: (Word, inout CommandWriter) -> Void
    ) {
        command.begin(8 + words.count)
        command.argument("EVAL")
        command.argument(StandInScript.doubt)
        command.argument(2)
        command.argument(key)
        command.argument(StandInKeys.sure(key))
        command.argument(since)
        command.argument(Int64(owner.healthConfiguration.doubtBound / .milliseconds(1)))
        command.argument(use.rawValue)
        for word in words { argument(word, &command) }
    }

    /// Writes a command that asks whether the value is known to be new enough.
    package func writeCheck(to command: inout CommandWriter) {
        write(["EXISTS"], .read, to: &command) { (word: StaticString, command) in command.argument(word) }
    }

    /// Whether an error says that the value may be old.
    package static func isDoubt(_ error: CachesError) -> Bool { error.code.serverName == "DOUBT" }

    /// The error of a call that needs to know the value.
    package var error: CachesError {
        var error = CachesError(
            .unreachable,
            "\(owner.name) is back, but its value of the key \(key) may be older than one written "
                + "while it was out: not all servers that took notes meanwhile answer.",
            advice: "The doubt ends by itself within \(owner.healthConfiguration.doubtBound.inUnits).",
            node: owner.name)
        error.wasNotSent = true
        return error
    }
}

extension HealthConfiguration {
    /// How long a key stays in doubt at most, and how long marks are kept: longer than the time in which
    /// processes that can reach a node find out by themselves that it is back.
    var doubtBound: Duration { retryCap * 2 + .seconds(5) }
}
