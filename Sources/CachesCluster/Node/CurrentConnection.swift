internal import CachesTransport
internal import Synchronization

/// The connection of a node that calls use now.
///
/// It holds all parts of a node that a call touches, apart from the node's own work: timers and connections
/// refer to the node weakly, and counting another reference to an object with weak references takes three
/// times as long. The node publishes the outcome of each of its changes here, under its own lock: see
/// ``Node/change(_:)``.
@usableFromInline final class CurrentConnection: Sendable {
    /// The connection published last. Only the publisher reads it.
    private let latest = Locked<NodeConnection?>(nil)

    private let published = AtomicReference<NodeConnection>(nil)

    /// How many calls found no connection.
    private let misses = Atomic(0)

    /// The default deadline of a call, in milliseconds: computing them from a `Duration` takes divisions of
    /// 128 bits.
    let defaultMilliseconds: Int64

    init(defaultDeadline: Duration) { defaultMilliseconds = defaultDeadline.wholeMilliseconds }

    /// How many calls have got a connection.
    var calls: Int { max(0, published.reads - misses.load(ordering: .relaxed)) }

    /// The connection for a call; nil if the node is out, or has no connection.
    @usableFromInline
    func connection() -> NodeConnection? {
        if let connection = published.read({ $0 }) { return connection }
        misses.add(1, ordering: .relaxed)
        return nil
    }

    /// As ``connection()``, with the deadline of a call that begins now.
    @inline(__always)
    func connection(for duration: Duration?) -> (connection: NodeConnection, deadline: Deadline)? {
        // Not `map`, which would count another reference.
        guard let connection = connection() else { return nil }
        return (connection, deadline(duration))
    }

    /// The deadline of a call that begins now.
    @inline(__always)
    func deadline(_ duration: Duration?) -> Deadline {
        duration.map { .after($0) } ?? .after(milliseconds: defaultMilliseconds)
    }

    /// Sets the connection that calls use from now on; nil: none. Not called concurrently.
    ///
    /// - Parameter isSuspect: Whether the node waits for an answer as a sign of life.
    func publish(_ connection: NodeConnection?, isSuspect: Bool) {
        latest.withLock { latest in
            latest?.isSuspect.store(isSuspect, ordering: .releasing)
            guard latest !== connection else { return }
            connection?.isSuspect.store(isSuspect, ordering: .releasing)
            latest = connection
            published.replace(with: connection)
        }
    }

    /// Ends the use of the connection: the node is closed.
    func close() { publish(nil, isSuspect: false) }
}
