internal import CachesTransport

/// The life of a node's health.
///
/// A value without I/O, clock and chance. `Node` keeps it under its lock, tells it what happened, and carries
/// out its actions.
///
///     healthy ──late call, broken connection, missed ping──► suspect ──answer──► healthy
///        │                                                     │ (pings at once, one after the other)
///        │ can't connect, or the server says it can't serve    │ too many in a row, or as on the left
///        ▼                                                     ▼
///     ejected ──back-off is over──► probing ──enough answers──► rejoining ──done──► healthy
///        ▲                             │                           │
///        └─────────── any failure ─────┴───────────────────────────┘
///
/// ``Evidence`` defines the meaning of each observation: this machine takes its verdicts.
///
/// **Steps.** One task runs at a time: a wait, a ping, a readmission. Each begins a new step, and events of
/// an older step are ignored.
struct HealthStateMachine: Sendable {
    enum State: Hashable, Sendable {
        /// `isWatching`: the next ping is under way or will be.
        case healthy(isWatching: Bool)
        case suspect(failures: Int)
        case ejected
        case probing(successes: Int)
        case rejoining
        case closed
    }

    enum Event: Sendable {
        /// A connection opened.
        case connected
        /// A call was answered: ``Evidence/Verdict/lives``.
        case answered
        /// A call's deadline passed: ``Evidence/Verdict/doubtful``.
        case late(CachesError)
        /// A connection that had been useful broke: ``Evidence/Verdict/failed``.
        case connectionLost(CachesError)
        /// No connection can be opened, or none lasts; or the server says that it can't serve:
        /// ``Evidence/Verdict/out``.
        case refused(CachesError)
        case pingAnswered(step: Int)
        case pingFailed(step: Int, CachesError)
        /// The ping did not reach the server, and so tells nothing about it.
        case pingPostponed(step: Int)
        /// A wait is over.
        case due(step: Int)
        /// A report that the node is back.
        case reportedBack
        case readmitted(step: Int)
        case readmissionFailed(step: Int, CachesError)
    }

    /// How long to wait.
    enum Wait: Hashable, Sendable {
        /// Until the next ping of a healthy node.
        case interval
        /// Until the next ping of a node that is coming back.
        case spacing
        /// Until a node that is out is asked again, after this many failures in a row.
        case backoff(failures: Int)
        /// As long as a readmission may take.
        case readmission
    }

    /// The task to begin. Each ends with an event of the step.
    enum Task: Hashable, Sendable {
        case nothing
        case wait(Wait)
        case ping
        /// And report when the time for it is over.
        case readmit
    }

    struct Action: Hashable, Sendable {
        var task = Task.nothing
        /// The step that the task begins.
        var step = 0
        /// Whether a readmission under way is obsolete.
        var cancelsReadmission = false
        /// The former health, if it has changed.
        var changedFrom: NodeHealth?
    }

    private(set) var state = State.healthy(isWatching: false)

    /// Why the node is out, or suspect.
    private(set) var reason: CachesError?

    private let failuresToEject: Int
    private let successesToReturn: Int
    private let stableAfter: Duration
    private let firstRetry: Duration
    private let readmits: Bool

    private var step = 0
    /// Failures in a row, for the back-off.
    private var failures = 0
    /// Pings in a row that did not reach the server.
    private var postponed = 0
    private var returned: ContinuousClock.Instant?
    private var ejected: ContinuousClock.Instant?

    /// - Parameter readmits: Whether there is work to do before a node is used again.
    init(_ configuration: HealthConfiguration, readmits: Bool) {
        failuresToEject = max(1, configuration.failuresToEject)
        successesToReturn = max(1, configuration.successesToReturn)
        stableAfter = configuration.stableAfter
        firstRetry = configuration.firstRetry
        self.readmits = readmits
    }

    var health: NodeHealth {
        switch state {
        case .healthy, .closed: .healthy
        case .suspect: .suspect
        case .ejected: .ejected
        case .probing: .probing
        case .rejoining: .rejoining
        }
    }

    /// How long until ``Event/reportedBack`` takes effect; the time between two such events if it does
    /// already.
    func timeUntilAskedAgain(now: ContinuousClock.Instant) -> Duration {
        let left = firstRetry - (now - (ejected ?? now))
        return left > .zero ? left : max(firstRetry, .milliseconds(5))
    }

    /// Ends all work.
    mutating func close() -> Action { change { $0.enter(.closed, .nothing) } }

    mutating func handle(_ event: Event, now: ContinuousClock.Instant) -> Action {
        if let step = event.step, step != self.step { return Action() }
        return change { machine in
            switch machine.state {
            case .healthy(let isWatching): machine.whenHealthy(event, isWatching, now)
            case .suspect(let failures): machine.whenSuspect(event, failures, now)
            case .ejected: machine.whenEjected(event, now)
            case .probing(let successes): machine.whenProbing(event, successes, now)
            case .rejoining: machine.whenRejoining(event, now)
            case .closed: .nothing
            }
        }
    }
}

// MARK: - In each state

extension HealthStateMachine {
    private mutating func whenHealthy(
        _ event: Event, _ isWatching: Bool, _ now: ContinuousClock.Instant
    ) -> Task {
        switch event {
        case .connected: isWatching ? .nothing : enter(.healthy(isWatching: true), .wait(.interval))
        case .pingAnswered, .pingPostponed: begin(.wait(.interval))
        case .due: begin(.ping)
        case .late(let error), .connectionLost(let error), .pingFailed(_, let error):
            suspect(failures: 1, error, now)
        case .refused(let error): eject(error, now)
        case .answered, .readmitted, .readmissionFailed, .reportedBack: .nothing
        }
    }

    private mutating func whenSuspect(
        _ event: Event, _ failures: Int, _ now: ContinuousClock.Instant
    ) -> Task {
        switch event {
        case .answered, .pingAnswered: enter(.healthy(isWatching: true), .wait(.interval))
        case .connectionLost(let error), .pingFailed(_, let error):
            suspect(failures: failures + 1, error, now)
        case .refused(let error): eject(error, now)
        case .pingPostponed: postpone()
        case .due: begin(.ping)
        case .connected, .late, .readmitted, .readmissionFailed, .reportedBack: .nothing
        }
    }

    private mutating func whenEjected(_ event: Event, _ now: ContinuousClock.Instant) -> Task {
        switch event {
        case .due: enter(.probing(successes: 0), .ping)
        // However many reports come, the node is not asked more often than at first.
        case .reportedBack:
            now - (ejected ?? now) >= firstRetry ? enter(.probing(successes: 0), .ping) : .nothing
        case .connected, .answered, .late, .connectionLost, .refused, .pingAnswered, .pingFailed,
            .pingPostponed, .readmitted, .readmissionFailed:
            .nothing
        }
    }

    private mutating func whenProbing(
        _ event: Event, _ successes: Int, _ now: ContinuousClock.Instant
    ) -> Task {
        switch event {
        case .pingAnswered where successes + 1 < successesToReturn:
            enter(.probing(successes: successes + 1), .wait(.spacing))
        case .pingAnswered: readmits ? enter(.rejoining, .readmit) : comeBack(now)
        case .pingPostponed: postpone()
        case .due: begin(.ping)
        case .connectionLost(let error), .pingFailed(_, let error), .refused(let error):
            eject(error, now)
        case .connected, .answered, .late, .readmitted, .readmissionFailed, .reportedBack: .nothing
        }
    }

    private mutating func whenRejoining(_ event: Event, _ now: ContinuousClock.Instant) -> Task {
        switch event {
        case .readmitted: comeBack(now)
        case .connectionLost(let error), .refused(let error), .readmissionFailed(_, let error):
            eject(error, now)
        case .due: eject(Self.readmissionLate, now)
        case .connected, .answered, .late, .pingAnswered, .pingFailed, .pingPostponed, .reportedBack: .nothing
        }
    }

    private static let readmissionLate = CachesError(
        .timeout, "The node answers again, but preparing it for use took too long.",
        advice: "Another client may hold the lock for it. It is tried again by itself.")
}

// MARK: - Transitions

extension HealthStateMachine {
    private mutating func suspect(
        failures: Int, _ error: CachesError, _ now: ContinuousClock.Instant
    ) -> Task {
        guard failures < failuresToEject else { return eject(error, now) }
        reason = error
        return enter(.suspect(failures: failures), .ping)
    }

    private mutating func eject(_ error: CachesError, _ now: ContinuousClock.Instant) -> Task {
        if let returned, now - returned >= stableAfter { failures = 0 }
        returned = nil
        ejected = now
        failures += 1
        reason = error
        return enter(.ejected, .wait(.backoff(failures: failures)))
    }

    private mutating func comeBack(_ now: ContinuousClock.Instant) -> Task {
        returned = now
        return enter(.healthy(isWatching: true), .wait(.interval))
    }

    /// Postpones the ping, with growing pauses while it can't be sent.
    private mutating func postpone() -> Task {
        postponed += 1
        return begin(.wait(.backoff(failures: postponed)))
    }

    private mutating func enter(_ state: State, _ task: Task) -> Task {
        self.state = state
        postponed = 0
        return begin(task)
    }

    private mutating func begin(_ task: Task) -> Task {
        step += 1
        return task
    }

    private mutating func change(_ body: (inout HealthStateMachine) -> Task) -> Action {
        let (before, wasRejoining) = (health, state == .rejoining)
        var action = Action()
        action.task = body(&self)
        action.step = step
        action.cancelsReadmission = wasRejoining && state != .rejoining
        action.changedFrom = before == health ? nil : before
        return action
    }
}

extension HealthStateMachine.Event {
    /// The step of the event; nil for events without a step.
    fileprivate var step: Int? {
        switch self {
        case .pingAnswered(let step), .pingFailed(let step, _), .pingPostponed(let step), .due(let step),
            .readmitted(let step), .readmissionFailed(let step, _):
            step
        case .connected, .answered, .late, .connectionLost, .refused, .reportedBack: nil
        }
    }
}
