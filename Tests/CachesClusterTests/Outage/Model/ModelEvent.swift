/// An event of the model: one step of one client, or a fault.
enum ModelEvent: Int {
    case begin, look, read, remove, forget, judge, forgetOwn, time, use, beginRound, endRound, bound, timeOver
    case write, beginWrite, note, abort, hear, deadline
    case ownerCut, ownerOpen, otherCut, otherOpen, otherUsed, restart, loss, flush, crash, pause, ownerOut,
        clientOut
    case ownerRestart, ownerLoss

    func text(client: Int, other: Int) -> String {
        let (client, other) = ("P\(client + 1)", other == 0 ? "Y" : "Z")
        return switch self {
        case .begin: "\(client): X answers, its return begins"
        case .look: "\(client) looks at \(other)"
        case .read: "\(client) reads the notes on \(other)"
        case .remove: "\(client) removes k at X, which \(other) has noted"
        case .forget: "\(client) forgets the note on \(other)"
        case .judge: "\(client) judges: what was not read?"
        case .forgetOwn: "\(client) removes at X what it wrote elsewhere"
        case .time: "\(client) asks X for its time"
        case .use: "\(client) uses X"
        case .beginRound: "\(client) begins to make up for looks"
        case .endRound: "\(client) ends to make up for looks"
        case .bound: "\(client): the doubt's time is over"
        case .timeOver: "fault: \(client)'s looks take too long"
        case .write: "\(client) writes at X"
        case .beginWrite: "\(client) begins to write in place of X"
        case .note: "\(other) carries out \(client)'s write"
        case .abort: "\(client)'s write at \(other) fails"
        case .hear: "\(client) hears what \(other) remembers"
        case .deadline: "the longest deadline passes"
        case .ownerCut: "fault: \(client) is cut off from X"
        case .ownerOpen: "\(client) can reach X"
        case .otherCut: "fault: \(client) is cut off from \(other)"
        case .otherOpen: "\(client) can reach \(other)"
        case .otherUsed: "\(client) uses \(other) again"
        case .restart: "fault: \(other) restarts with its data"
        case .loss: "fault: \(other) restarts without data"
        case .flush: "fault: FLUSHALL on \(other)"
        case .crash: "fault: \(client) ends"
        case .pause: "fault: X stops with a write of \(client) in it"
        case .ownerOut: "fault: nobody can reach X"
        case .clientOut: "fault: \(client) can reach nobody"
        case .ownerRestart: "fault: X restarts with its data"
        case .ownerLoss: "fault: X restarts without data"
        }
    }
}

/// A violation: a state that must never occur.
enum ModelViolation: String, Error {
    case innocentLoss = "R1: what nobody wrote is removed"
    case staleRead = "R2: what is older than an acknowledged write is read"
    case noProgress = "R3: a client alone does not get to use the node"
}
