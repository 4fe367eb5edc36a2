/// When a node is declared dead, and when alive again.
///
/// With the defaults, a server whose connection breaks is out as soon as reconnecting fails; one that hangs
/// is out 600 ms after the first call's deadline has passed; and one that is back is used again within 6 s.
public struct HealthConfiguration: Hashable, Sendable {
    /// How often a healthy node is asked for a sign of life by `PING`, give or take a fifth, so that
    /// processes that started together do not ask together. Default 10 s: ten thousand processes then ask a
    /// server a thousand times a second, about a hundredth of the load it can answer.
    public var pingInterval = Duration.seconds(10)

    /// How long a sign of life may take. Default 300 ms: TCP sends a lost packet again after 200 ms, and one
    /// lost packet is no outage. While other bytes move on its connection, at 16 KiB a second or more, the
    /// wait goes on. If a connection must be opened first, that has its own time (`connect-timeout`).
    public var pingTimeout = Duration.milliseconds(300)

    /// How many failures in a row, 1 or more, put a node out. The first is a call whose deadline passed, a
    /// broken connection or a missing sign of life; each further one is a sign of life that was asked for at
    /// once and did not come. Default 3: one failure may be the call's own (a slow command), and two a pause
    /// of the server, which forks to save its data.
    public var failuresToEject = 3

    /// How many signs of life in a row, 1 or more, bring a node back. Default 3: if a restarted server dies
    /// again within a moment, its keys are not worth moving twice.
    public var successesToReturn = 3

    /// How long a node that is out is left alone before it is asked again. Doubles with each failure up to
    /// ``retryCap``, and is drawn at random from its upper half. Default 100 ms: a restarted server is
    /// noticed soon after its start.
    public var firstRetry = Duration.milliseconds(100)

    /// The upper limit of ``firstRetry``. Default 5 s: a dead server costs each client a packet in that time,
    /// and one that returns is used again soon after.
    public var retryCap = Duration.seconds(5)

    /// A node that fails sooner than this after it came back is left alone for longer than the time before,
    /// as if it had not been back. Default 10 s: twice the cap.
    public var stableAfter = Duration.seconds(10)

    /// How long the repairs before the use of a returning node may take. Default 30 s: longer than a sound
    /// node needs for a long journal, and the node serves nobody meanwhile.
    public var rejoinTimeout = Duration.seconds(30)

    /// The defaults above.
    public init() {}
}
