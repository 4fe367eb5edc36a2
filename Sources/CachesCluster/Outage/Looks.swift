/// The order in which a process asks the others for their notes before it uses a node again.
///
/// A value without I/O and without a clock. ``Rejoin`` carries out its steps; the model in the tests tries
/// every order of events on it.
///
///     unseen ────look──► closed(mark)             no notes: marked, in the same step
///                  ├───► noted ──see──► reopened    notes: removed at the node, then forgotten
///                  └───► unread            │
///                  ▲──────────look─────────┘
///
/// The others are independent of one another: each is looked at until it is closed or can't be asked.
struct Looks: Hashable, Sendable {
    /// The result of one look.
    enum Found: Hashable, Sendable {
        /// No notes, and the mark that is there now.
        case nothing(mark: String)
        case notes
        /// No right to run scripts there. Then nobody with this user ever stood in there.
        case forbidden
        /// It did not answer in time, or answered something else.
        case silence
    }

    /// What to do next with one of the others.
    enum Step: Hashable, Sendable { case look, see }

    private enum State: Hashable, Sendable {
        case unseen, noted
        /// Its notes have been processed: it is looked at once more.
        case reopened
        case closed(mark: String?)
        case unread(Doubt.Reason)
    }

    private var states: [String: State]

    init(at others: some Sequence<String>) {
        states = Dictionary(others.map { ($0, .unseen) }) { first, _ in first }
    }

    /// What to do next with one of the others; nil if nothing is left to do.
    func step(_ other: String) -> Step? {
        switch states[other] {
        case .unseen, .reopened: .look
        case .noted: .see
        case .closed, .unread, nil: nil
        }
    }

    mutating func looked(at other: String, _ found: Found) {
        guard step(other) == .look else { return }
        states[other] =
            switch found {
            case .nothing(let mark): .closed(mark: mark)
            case .notes: .noted
            case .forbidden: .closed(mark: nil)
            case .silence: .unread(.silent)
            }
    }

    /// A node's notes have been processed, or another process is processing them.
    mutating func sawTo(_ other: String) {
        if states[other] == .noted { states[other] = .reopened }
    }

    /// The rest of a node's notes is processed later.
    mutating func leave(_ other: String) {
        if step(other) != nil { states[other] = .unread(.unfinished) }
    }

    /// A node stopped answering while its notes were processed.
    mutating func fellSilent(_ other: String) {
        if step(other) != nil { states[other] = .unread(.silent) }
    }

    /// The time is over: unfinished looks are finished later.
    mutating func giveUp() {
        for (other, state) in states {
            switch state {
            case .unseen: states[other] = .unread(.silent)
            case .noted, .reopened: states[other] = .unread(.unfinished)
            case .closed, .unread: break
            }
        }
    }

    /// Whether nothing is left to do.
    var isDone: Bool { states.keys.allSatisfy { step($0) == nil } }

    /// The marks of those that are closed.
    var marks: [String: String] {
        states.compactMapValues { if case .closed(let mark) = $0 { mark } else { nil } }
    }

    /// The nodes whose notes have not been read.
    var unread: [String: Doubt.Reason] {
        states.compactMapValues { if case .unread(let reason) = $0 { reason } else { nil } }
    }
}
