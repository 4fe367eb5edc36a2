/// The counters of a node since it was made.
public struct NodeCounters: Hashable, Sendable {
    /// Calls to be sent, including refused ones.
    public var calls = 0
    /// Calls that failed at once because the node was out.
    public var refused = 0
    /// Calls whose deadline passed.
    public var late = 0
    /// Calls that lost their connection.
    public var lost = 0
    /// Calls that could not be sent since no connection opened, for any reason.
    public var unreachable = 0
    /// Calls beyond the limit on concurrent ones.
    public var overloaded = 0
    /// Calls that a server answered with an error that it can't serve: `LOADING`, `MASTERDOWN`, `READONLY`,
    /// `NOAUTH`, `BUSY`.
    public var unready = 0
    /// Times that the node was put out.
    public var ejections = 0
    /// Times that it came back.
    public var returns = 0
    /// Pings.
    public var pings = 0
    /// Connections that opened. All but the first are reconnects.
    public var connections = 0

    /// Calls that failed because of the node.
    public var failures: Int { refused + late + lost + unreachable + overloaded + unready }
}
