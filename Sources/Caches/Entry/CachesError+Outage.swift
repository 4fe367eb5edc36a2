import CachesCluster

extension CachesError {
    /// Whether the node was out, rather than answering or rejecting a wrong call.
    ///
    /// It could not be reached, did not answer in time, had too much to do, or said that it can't serve now:
    /// the same call may succeed a moment later. This one may have been carried out if ``CachesError/code``
    /// is ``CachesError/Code/timeout`` or ``CachesError/Code/connectionLost``.
    public var isOutage: Bool {
        switch code {
        case .unreachable, .connectionLost, .timeout, .overloaded, .tls: true
        // A user without permission for one command is an error of the configuration, on a healthy node.
        case .authentication: !meansForbidden
        default:
            NotReadyReason(self) != nil || code.serverName.map { CachesError.passing.contains($0) } ?? false
        }
    }

    /// Whether there may be time to ask another node, and sense in it: it was known at once that this one is
    /// out, and it is not for this call.
    @usableFromInline
    var leavesTime: Bool { isOutage && code != .timeout && code != .overloaded && !mayBeItsCause }

    /// The errors that a cluster answers while it changes, in addition to those of any server.
    private static let passing: Set = ["CLUSTERDOWN", "TRYAGAIN"]
}
