/// When a node is taken for dead, and when for alive again.
///
/// With the defaults a server whose connection breaks is out as soon as it can't be connected to anew; one that
/// hangs, 600 ms after the first call's deadline has passed; and one that is back is used again within 6 s.
public struct HealthConfiguration: Hashable, Sendable {
    /// How often a node that is well is asked for a sign of life by `PING`, give or take a fifth, so that
    /// processes that started together do not ask together. Default 10 s: ten thousand processes then ask a
    /// server a thousand times a second, about a hundredth of what it can answer.
    public var pingInterval = Duration.seconds(10)

    /// How long a sign of life may take. Default 300 ms: TCP sends a lost packet again after 200 ms, and one lost
    /// packet is no outage. While other bytes move on its connection, at 16 KiB a second or more, it is waited for as
    /// long as they do. If a connection has to be opened first, that has its own time (`connect-timeout`).
    public var pingTimeout = Duration.milliseconds(300)

    /// So many failures in a row, 1 or more, put a node out. The first is a call whose deadline passed, a broken
    /// connection or a missing sign of life; each further one a sign of life that was asked for at once and did
    /// not come. Default 3: one failure may be the call's own (a slow command), and two a pause of the server,
    /// which forks to save its data.
    public var failuresToEject = 3

    /// So many signs of life in a row, 1 or more, bring a node back. Default 3: a server that is restarted and
    /// dies again within a moment is not worth moving its keys twice.
    public var successesToReturn = 3

    /// How long a node that is out is left alone before it is asked again. Doubles with each failure up to
    /// ``retryCap``, and is drawn at random from its upper half. Default 100 ms: a server that restarts is missed
    /// for no longer than it takes to start.
    public var firstRetry = Duration.milliseconds(100)

    /// The most that ``firstRetry`` grows to. Default 5 s: a dead server costs each client a packet in that time,
    /// and one that returns is used again soon after.
    public var retryCap = Duration.seconds(5)

    /// A node that fails sooner than this after it came back is left alone for longer than the time before, as if
    /// it had not been back. Default 10 s: the cap, twice.
    public var stableAfter = Duration.seconds(10)

    /// How long it may take to put right what has to be before a returning node is used. Default 30 s: longer
    /// than a sound node needs for a long journal, and the node serves nobody meanwhile.
    public var rejoinTimeout = Duration.seconds(30)

    /// The defaults above.
    public init() {}
}
