import ArgumentParser
import CachesCluster

/// One of the faults that the design of a node's return avoids, given to the clients. The checker has to find
/// each.
enum Mutation: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Unknown keys are removed, whoever wrote them.
    case removesEverything = "removes-everything"
    /// Unknown keys are believed.
    case noDoubt = "no-doubt"
    /// Only one other node, which may lose its data, notes a write.
    case oneNote = "one-note"
    /// Notes have numbers, which can recur.
    case countedNotes = "counted-notes"
    /// A server that has lost its notes is believed to have had no notes.
    case noMemory = "no-memory"
    /// A write made in doubt counts as sure since the return began, rather than since it ended.
    case earlySure = "early-sure"
    /// A node is kept out until all others have answered.
    case waitsForSilent = "waits-for-silent"
    /// Nothing is removed, whatever the notes say.
    case noJournal = "no-journal"

    /// The rules of a return with this fault.
    var rules: ReturnRules {
        var rules = ReturnRules()
        switch self {
        case .removesEverything: rules.removesUnknown = true
        case .noDoubt: rules.doubts = false
        case .oneNote: rules.noteHolders = 1
        case .countedNotes: rules.noteNumbers = .counted
        case .noMemory: rules.knowsMemory = false
        case .earlySure: rules.sureSince = .begin
        case .waitsForSilent: rules.waitsForSilent = true
        case .noJournal: rules.removesOld = false
        }
        return rules
    }

    /// The name of the violation that shows the fault.
    var violation: String {
        switch self {
        case .removesEverything: "innocent losses"
        case .noDoubt, .oneNote, .countedNotes, .noMemory, .earlySure, .noJournal: "stale reads"
        case .waitsForSilent: "nodes kept out"
        }
    }
}
