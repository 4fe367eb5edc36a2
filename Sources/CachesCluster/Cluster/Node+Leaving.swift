internal import CachesTransport

// Servers that have left the cluster.
extension Node {
    /// How long calls under way may still get their replies from a server that left.
    private static let farewell = Duration.seconds(1)

    /// Closes the node of a server that the table no longer names: it takes no more calls. Calls that wait
    /// for a reply may still get it. Commands that were not sent, or are idempotent, go to the current owner
    /// of the key (``ClusterDeployment/follow(_:from:after:_:)``).
    func leaveCluster() async {
        await close(
            deadline: .after(Self.farewell),
            telling: CachesError(
                .connectionLost,
                "The server left the cluster, and the reply did not come in time. The command may have been carried out.",
                advice: "A call that may be made twice is made again by itself.", node: name))
    }

    /// The error of calls that come after ``leaveCluster()``.
    static let leftCluster = {
        var error = CachesError(
            .unreachable, "The server left the cluster, and was not asked.",
            advice: "Look for the owner of the key again: a pool does so for each call.")
        error.wasNotSent = true
        return error
    }()
}
