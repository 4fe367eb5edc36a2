internal import CachesTransport
internal import Synchronization

/// The turns of pieces of bulk calls on a node's connection: ``BulkTurnsStateMachine`` with its waiting
/// tasks.
///
/// Decisions are made under the lock. Tasks are resumed outside it.
final class BulkTurns: Sendable {
    let limits: BulkLimits

    private struct Shared: Sendable {
        var machine: BulkTurnsStateMachine
        var waiters: [BulkTurnsStateMachine.Ticket: CheckedContinuation<Void, any Error>] = [:]

        /// Takes out the tasks whose turn it is.
        mutating func take(_ tickets: [BulkTurnsStateMachine.Ticket]) -> [CheckedContinuation<
            Void, any Error
        >] {
            tickets.compactMap { waiters.removeValue(forKey: $0) }
        }
    }

    private let shared: Locked<Shared>
    private let tickets = Atomic<UInt64>(0)
    private let loop: EventLoop
    private let name: String

    /// The recent weight of a key's reply, in bytes.
    private let weight = Atomic(0)

    init(_ configuration: ConnectionConfiguration, on loop: EventLoop) {
        limits = BulkLimits(
            maximumBytes: configuration.maximumBytesInFlight,
            maximumCommands: configuration.maximumCommandsInFlight)
        shared = Locked(Shared(machine: BulkTurnsStateMachine(limits)))
        self.loop = loop
        name = configuration.name
    }

    /// Waits for a piece's turn. The caller must give it back.
    /// - Throws: ``CachesError`` of code `timeout` if the deadline passes first; `CancellationError`.
    func take(_ piece: BulkPiece, deadline: Deadline) async throws {
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        var timer: EventLoop.TimerToken?
        defer { if let timer { loop.cancel(timer) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Decided under the lock: a later cancellation finds the ticket.
                let outcome: Result<Void, any Error>? = shared.withLock { shared in
                    guard !Task.isCancelled else { return .failure(CancellationError()) }
                    if shared.machine.request(piece, ticket) { return .success(()) }
                    shared.waiters[ticket] = continuation
                    return nil
                }
                if let outcome { return continuation.resume(with: outcome) }
                timer = loop.schedule(after: deadline.remaining) { [weak self] in
                    guard let self else { return }
                    leave(ticket, tooLate)
                }
            }
        } onCancel: {
            leave(ticket, CancellationError())
        }
    }

    /// Ends a turn.
    func giveBack(_ piece: BulkPiece) {
        let next = shared.withLock { shared in
            let tickets = shared.machine.giveBack(piece)
            return shared.take(tickets)
        }
        for waiter in next { waiter.resume() }
    }

    private func leave(_ ticket: BulkTurnsStateMachine.Ticket, _ error: any Error) {
        let (waiter, next) = shared.withLock { shared in
            let (waited, tickets) = shared.machine.leave(ticket)
            return (waited ? shared.waiters.removeValue(forKey: ticket) : nil, shared.take(tickets))
        }
        waiter?.resume(throwing: error)
        for waiter in next { waiter.resume() }
    }

    /// The error of a call whose turn has not come in time.
    var tooLate: CachesError {
        var error = CachesError(
            .timeout,
            "The deadline passed before this part of the call was sent: other bulk calls were first.",
            advice: "Give the call more time, or send less at once.", node: name)
        error.wasNotSent = true
        return error
    }

    // MARK: Weights

    /// The number of keys in a call's first piece.
    package var firstKeys: Int {
        let weight = max(1, weight.load(ordering: .relaxed))
        return min(max(1, limits.pieceBytes / weight), BulkLimits.mostKeysAtFirst)
    }

    /// Notes the weight of the replies to some keys. One large value counts at once, and is forgotten
    /// gradually. Two calls may do so at once, and one of the two weights is then lost: the next note
    /// corrects it.
    package func note(keys: Int, bytes: Int) {
        let (new, old) = (bytes / max(1, keys), weight.load(ordering: .relaxed))
        let weight = new > old ? new : (old + new) / 2
        if weight != old { self.weight.store(weight, ordering: .relaxed) }
    }
}
