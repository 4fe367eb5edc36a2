private import CachesPlatform

/// An event of a descriptor.
struct PollEvent {
    /// The token that the descriptor was added with.
    var token: UInt64
    /// There may be bytes to read, an end of stream or an error.
    var readable: Bool
    /// There may be room to write, or an error.
    var writable: Bool
    /// The peer will send nothing after the bytes that can be read now. Reported once.
    var ended: Bool
}

/// The contract with the operating system's readiness queue; one file a system holds its ``Poller``.
///
/// Descriptors are added once, edge-triggered for both directions: an event says that something changed, and
/// its receiver reads or writes until the system says that it would block.
protocol PollerContract: ~Copyable {
    /// It watches nothing before ``open()``, and ``wait(milliseconds:into:)`` only lets time pass.
    init()
    /// Takes the descriptors that it needs itself; once it has them, does nothing.
    mutating func open() throws(CachesError)
    /// Watches `descriptor` until it is removed. Its events carry `token`. To be called after ``open()``.
    func add(_ descriptor: Int32, token: UInt64) throws(CachesError)
    /// Stops watching. To be called before the descriptor is closed.
    func remove(_ descriptor: Int32)
    /// Appends the events to `events`, waiting up to `milliseconds` (-1: without limit) for the first.
    mutating func wait(milliseconds: Int32, into events: inout [PollEvent])
    /// The descriptor with which other threads wake this one; less than 0 before ``open()``, when waits are
    /// short.
    var wakeDescriptor: Int32 { get }
    /// Ends a `wait` that is under way, or else the next one. From any thread, as long as the poller lives.
    static func wake(_ wakeDescriptor: Int32)
}

extension PollerContract where Self: ~Copyable {
    /// A wait that nothing ends, and so a short one: a tick at most.
    func sleepUnopened(_ milliseconds: Int32) {
        let longest = Int32(EventLoop.tickMilliseconds)
        usleep(UInt32(milliseconds < 0 ? longest : min(milliseconds, longest)) * 1000)
    }
}

/// How many events one `wait` takes from the system.
let pollEventsAtOnce = 256
