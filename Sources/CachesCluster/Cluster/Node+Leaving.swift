internal import CachesTransport

// A server that the cluster does without by now.
extension Node {
    /// How long calls under way may still get their replies from a server that left.
    private static let farewell = Duration.seconds(1)

    /// The table does not name the server any more: it takes no more calls. Those that wait for a reply may
    /// still get it. What was not sent, or may be made twice, is sent to who owns the key now
    /// (``ClusterDeployment/follow(_:from:after:_:)``).
    func leaveCluster() async {
        await close(
            deadline: .after(Self.farewell),
            telling: CachesError(
                .connectionLost,
                "The server left the cluster, and the reply did not come in time. The command may have been carried out.",
                advice: "A call that may be made twice is made again by itself.", node: name))
    }

    /// What calls are told that come after ``leaveCluster()``.
    static let leftCluster = {
        var error = CachesError(
            .unreachable, "The server left the cluster, and was not asked.",
            advice: "Look for the owner of the key again: a pool does so for each call.")
        error.wasNotSent = true
        return error
    }()
}
