/// The parameters of a node's return. Programs use the defaults.
///
/// The checker that breaks fleets (`./dev/chaos --mutation`) and the model in the tests run others, to see that each is
/// needed: ``Rejoin`` says what for.
package struct ReturnRules: Hashable, Sendable {
    /// How many other nodes note a write before it is acknowledged, where there are as many.
    package var noteHolders = 2

    /// What tells one note from another of the same key.
    package enum NoteNumbers: Hashable, Sendable {
        case random
        /// Numbers that come up again.
        case counted
    }

    package var noteNumbers = NoteNumbers.random

    /// Whether everything is removed from a node of which something is not known.
    package var removesUnknown = false

    /// Whether a key of which something is not known is in doubt.
    package var doubts = true

    /// Whether it is looked whether a node may have lost its notes.
    package var knowsMemory = true

    /// How long before an outage a loss of notes counts: one of the two of a write that is acknowledged in it may be among
    /// them. nil: the node's deadline.
    package var lossMargin: Duration?

    /// From when on a value is sure that was written while its key is in doubt.
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
