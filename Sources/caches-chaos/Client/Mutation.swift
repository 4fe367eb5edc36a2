import ArgumentParser
import CachesCluster

/// Clients with one fault, of those that the return of a node is made to avoid. The checker has to find each.
enum Mutation: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// What is not known is removed, whoever put it there.
    case removesEverything = "removes-everything"
    /// What is not known is believed.
    case noDoubt = "no-doubt"
    /// One other node notes what was written, which may lose it.
    case oneNote = "one-note"
    /// Notes have numbers, which come up again.
    case countedNotes = "counted-notes"
    /// A server that has lost its notes is believed to have had none.
    case noMemory = "no-memory"
    /// What was written in doubt counts as sure from when the return began, in place of when it ended.
    case earlySure = "early-sure"
    /// A node is kept out until all others have answered.
    case waitsForSilent = "waits-for-silent"
    /// Nothing is removed, whatever was noted.
    case noJournal = "no-journal"

    /// What is different.
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

    /// The name of the violation by which it is found.
    var violation: String {
        switch self {
        case .removesEverything: "innocent losses"
        case .noDoubt, .oneNote, .countedNotes, .noMemory, .earlySure, .noJournal: "stale reads"
        case .waitsForSilent: "nodes kept out"
        }
    }
}
