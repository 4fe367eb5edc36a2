internal import CachesTransport
internal import Synchronization

/// What calls see of a node: the line to use, and nothing else of it.
///
/// All that a call touches of a node lies here, apart from what the node does by itself: its timers and connections refer
/// to the node weakly, and while anybody does, to count another reference to it takes three times as long.
/// The node shows here what has come of each of its changes, under its own lock: see ``Node/change(_:)``.
@usableFromInline final class NodeGate: Sendable {
    /// What was shown last: for who shows, not for calls.
    private let shown = Guarded<Line?>(nil)

    private let line = Published<Line>(nil)

    /// How often there was none.
    private let misses = Atomic(0)

    /// How long a call may take, where nobody says otherwise, in milliseconds: to make those of a `Duration` takes
    /// divisions of 128 bits.
    let defaultMilliseconds: Int64

    init(defaultDeadline: Duration) { defaultMilliseconds = defaultDeadline.wholeMilliseconds }

    /// How many calls have got a line.
    var calls: Int { max(0, line.reads - misses.load(ordering: .relaxed)) }

    /// A call comes, and gets the line to use; nil if the node is out, or has no connection.
    @usableFromInline
    func enter() -> Line? {
        if let line = line.read({ $0 }) { return line }
        misses.add(1, ordering: .relaxed)
        return nil
    }

    /// As ``enter()``, with when a call that begins now has to end.
    @inline(__always)
    func enter(_ duration: Duration?) -> (line: Line, deadline: Deadline)? {
        // Not `map`, which would count another reference.
        guard let line = enter() else { return nil }
        return (line, deadline(duration))
    }

    /// When a call that begins now has to end.
    @inline(__always)
    func deadline(_ duration: Duration?) -> Deadline {
        duration.map { .after($0) } ?? .after(milliseconds: defaultMilliseconds)
    }

    /// Calls use a connection from now on; none if it is nil. Called by one at a time.
    ///
    /// - Parameter isSuspect: Whether the node wants to know that it answers.
    func show(_ attempt: NodeStateMachine<Connection>.Attempt?, isSuspect: Bool, of node: Node) {
        shown.withLock { shown in
            shown?.isSuspect.store(isSuspect, ordering: .releasing)
            guard shown?.number != attempt?.number else { return }
            shown = attempt.map { Line($0, of: node) }
            shown?.isSuspect.store(isSuspect, ordering: .releasing)
            line.replace(with: shown)
        }
    }

    /// The line of a connection: the one that is shown, if that is its.
    func line(of attempt: NodeStateMachine<Connection>.Attempt, to node: Node) -> Line {
        if let shown = shown.withLock({ $0 }), shown.number == attempt.number { return shown }
        return Line(attempt, of: node)
    }

    /// The node is no more.
    func close() {
        shown.withLock { shown in
            shown = nil
            line.replace(with: nil)
        }
    }
}
