/// What happened to a descriptor.
struct PollEvent {
    /// The token that the descriptor was added with.
    var token: UInt64
    /// There may be bytes to read, an end of stream or an error.
    var readable: Bool
    /// There may be room to write, or an error.
    var writable: Bool
    /// The peer will send no more than what is there to be read. Said once.
    var ended: Bool
}

/// The contract with the operating system's readiness queue; one file a system holds its ``Poller`` and ``Waker``.
///
/// Descriptors are added once, edge-triggered for both directions: an event says that something changed, and
/// whoever gets it reads or writes until the system says that it would block.
protocol PollerContract: ~Copyable {
    init() throws(CachesError)
    /// Watches `descriptor` until it is removed. Its events carry `token`.
    func add(_ descriptor: Int32, token: UInt64) throws(CachesError)
    /// Stops watching. To be called before the descriptor is closed.
    func remove(_ descriptor: Int32)
    /// Appends what happened to `events`, waiting up to `milliseconds` (-1: without limit) for the first.
    mutating func wait(milliseconds: Int32, into events: inout [PollEvent])
    /// What other threads hold to wake this one's.
    var waker: Waker { get }
}

/// Wakes a poller's thread, from any other.
protocol WakerContract: Sendable {
    /// Ends a `wait` that is under way, or else the next one. Valid as long as the poller lives.
    func wake()
}

/// How many events one `wait` takes from the system.
let pollEventsAtOnce = 256
