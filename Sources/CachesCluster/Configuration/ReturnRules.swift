/// The parameters of a node's return. Programs use the defaults.
///
/// The checker that breaks fleets (`./dev/chaos --mutation`) and the model in the tests run others, to prove
/// that each is needed: ``Rejoin`` explains them.
package struct ReturnRules: Hashable, Sendable {
    /// How many other nodes note a write before it is acknowledged, if there are as many.
    package var noteHolders = 2

    /// How one note is told from another of the same key.
    package enum NoteNumbers: Hashable, Sendable {
        case random
        /// Numbers that repeat.
        case counted
    }

    package var noteNumbers = NoteNumbers.random

    /// Whether everything is removed from a node if something about it is unknown.
    package var removesUnknown = false

    /// Whether a key is in doubt if something about it is unknown.
    package var doubts = true

    /// Whether a node's loss of its notes is detected.
    package var knowsMemory = true

    /// How long before an outage a loss of notes counts: the loss may include one of the two notes of a write
    /// that is acknowledged in the outage. nil: the node's deadline.
    package var lossMargin: Duration?

    /// When a value that is written while its key is in doubt becomes sure.
    package enum SureSince: Hashable, Sendable {
        /// Since the node was used again.
        case pass
        /// Since it answered again.
        case begin
    }

    package var sureSince = SureSince.pass

    /// Whether a node is kept out until all others have been asked.
    package var waitsForSilent = false

    /// Whether anything is removed at all from a node that returns.
    package var removesOld = true

    package init() {}
}
