/// Something that lives on an event loop: it gets the events of one descriptor, and the loop's ticks.
///
/// Every method is called on the loop's thread.
protocol LoopMember: AnyObject, Sendable {
    /// Its descriptor may have become readable or writable.
    func descriptorReady(_ event: PollEvent)

    /// ``EventLoop/tickMilliseconds`` have passed, or a little more.
    func tick(now: Int64)

    /// Whether a call waits here that a tick may have to end. As long as no member says so, the loop sleeps
    /// without ticking.
    var needsTicks: Bool { get }

    /// It is the member's turn to take the bytes it put off by ``EventLoop/receiveLater(_:)``.
    func receiveMore()

    /// The turn ends in which the member asked for it by ``EventLoop/flushAtEndOfTurn(_:)``.
    func flush()
}
