internal import CachesTransport

/// Why a command reached no server that carries it out, though servers answered.
///
/// The code is `unreachable`: no server that this process reaches takes the slot, so the call is treated as
/// one whose server is out.
enum RedirectionFailure {
    private static let advice = """
        Compare CLUSTER NODES on the servers, and check cluster-announce-ip, cluster-announce-port and \
        cluster-announce-hostname there. Behind a proxy or network address translation, say with map= in the DSN where \
        the announced addresses are reached.
        """

    /// A server names the address at which it was asked.
    static func toItself(slot: Int, _ node: Node, _ announcement: ClusterNodeAddress) -> CachesError {
        error(
            "The server sends slot \(slot) to \(announcement.text), which is where it was asked itself "
                + "(\(node.configuration.connection.endpoint)), also over a new connection.", node)
    }

    /// Two or more servers each name another.
    static func inCircle(slot: Int, from node: Node, to other: Node) -> CachesError {
        error(
            "Servers send slot \(slot) in a circle: the one at \(node.configuration.connection.endpoint) says that "
                + "\(other.configuration.connection.endpoint) owns it, which says that it does not.", node)
    }

    /// A server names ever other servers, or the time was over before it ended.
    static func endless(slot: Int, from node: Node, _ redirection: Redirection) -> CachesError {
        let place = redirection.destination?.announcement.text ?? ""
        return error(
            "Slot \(slot) was sent from server to server until the call's time was over; the last one, at "
                + "\(node.configuration.connection.endpoint), named \(place).", node)
    }

    /// A server names a host of which it does not know the address.
    static func unknownHost(slot: Int, from node: Node, _ announcement: ClusterNodeAddress) -> CachesError {
        error(
            "The server at \(node.configuration.connection.endpoint) sends slot \(slot) to \(announcement.text), and no "
                + "server tells where that is.", node)
    }

    /// Whether a server sends a command elsewhere, and it can't be read where to.
    static func isUnreadable(_ answer: ServerError) -> Bool {
        (answer.name == "MOVED" || answer.name == "ASK") && Redirection(answer) == nil
    }

    static func unreadable(_ node: Node) -> CachesError {
        error("The server sends the command to another, and does not say to which slot and address.", node)
    }

    /// A server names more servers that no table names than are connected to at a time.
    static let tooMany = CachesError(
        .unreachable,
        "Servers of the cluster send calls to more than \(Strangers.most) servers that are in no table of the cluster.",
        advice: advice)

    private static func error(_ message: String, _ node: Node) -> CachesError {
        CachesError(.unreachable, message, advice: advice, node: node.name)
    }
}
