/// One computation of a value, and all callers that want it at the same time.
///
/// One of them computes, the *leader*; the others wait for its result. A value without lock, clock and
/// continuation: ``Flight`` tells it what happens and does what it says.
///
///     computing ──may store──► storing ──► over
///      │  ▲  └──────────────────────────────▲
///      ▼  │ the leader was cancelled: the oldest waiter computes in its place
///
/// **Void.** A write of the key in this process voids the flight: its value may be older than the written
/// one, and is not stored. A void flight takes no new callers. Callers that had joined before get its
/// value: the write had not been acknowledged when they asked.
struct FlightStateMachine: Sendable {
    /// A waiter.
    typealias Ticket = UInt64

    /// The number of a leader: 0, 1, 2 … A leader that was replaced has an old number, and is ignored.
    typealias Lead = Int

    /// The caller that computes after a leader was cancelled.
    enum Succession: Hashable {
        /// A former waiter.
        case by(Ticket, Lead)
        /// Nobody wants it any more.
        case nobody
        /// It was not a leader, or has its value already.
        case unchanged
    }

    private enum Phase { case computing, storing, over }

    private var phase = Phase.computing
    private var lead: Lead = 0
    private var isVoid = false
    /// The oldest first.
    private var waiting: [Ticket] = []
    private let isShared: Bool

    /// - Parameter isShared: Whether others may wait for it. If not, it exists only to be voided.
    init(isShared: Bool = true) { self.isShared = isShared }

    /// Whether a new caller may wait for it.
    var isOpen: Bool { isShared && !isVoid && phase != .over }

    /// Whether no caller computes for it any more.
    var isOver: Bool { phase == .over }

    /// Whether no other caller leads it after this one.
    func isLed(by lead: Lead) -> Bool { lead == self.lead }

    /// How many wait.
    var count: Int { waiting.count }

    /// Somebody wants the value.
    /// - Returns: Whether to wait; if not, this flight can't be joined.
    mutating func join(_ ticket: Ticket) -> Bool {
        guard isOpen else { return false }
        waiting.append(ticket)
        return true
    }

    /// Somebody does not wait any more.
    /// - Returns: Whether it waited.
    mutating func leave(_ ticket: Ticket) -> Bool {
        guard let index = waiting.firstIndex(of: ticket) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// A leader's task was cancelled.
    mutating func cancelled(_ lead: Lead) -> Succession {
        guard lead == self.lead, phase == .computing else { return .unchanged }
        guard !waiting.isEmpty else {
            phase = .over
            return .nobody
        }
        self.lead += 1
        return .by(waiting.removeFirst(), self.lead)
    }

    /// A leader has computed a value that is to be stored.
    /// - Returns: Whether it may be.
    mutating func beginToStore(_ lead: Lead) -> Bool {
        guard lead == self.lead, phase == .computing, !isVoid else { return false }
        phase = .storing
        return true
    }

    /// A leader has come to an end, whatever it is.
    /// - Returns: The callers to tell; nil if another leads by now.
    mutating func end(_ lead: Lead) -> [Ticket]? {
        guard lead == self.lead, phase != .over else { return nil }
        phase = .over
        return takeAll()
    }

    /// Whether the computed value is on its way to the server.
    var isStoring: Bool { phase == .storing }

    /// The key is written. A value that is being stored right now must be stored first: see ``isStoring``.
    mutating func void() { isVoid = true }

    /// It has taken too long: its result is not waited for, nor stored.
    /// - Returns: The callers that try another way.
    mutating func giveUp() -> [Ticket] {
        guard phase == .computing else { return [] }
        isVoid = true
        return takeAll()
    }

    private mutating func takeAll() -> [Ticket] {
        let all = waiting
        waiting = []
        return all
    }
}
