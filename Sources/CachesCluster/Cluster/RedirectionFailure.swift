internal import CachesTransport

/// Why no server carried out a command, though servers answered.
///
/// The code is `unreachable`: no server that this process reaches accepts the slot, so the call is treated as
/// if its server were out.
enum RedirectionFailure {
    private static let advice = """
        Compare CLUSTER NODES on the servers, and check cluster-announce-ip, cluster-announce-port and \
        cluster-announce-hostname there. Behind a proxy or network address translation, say with map= in the DSN where \
        the announced addresses are reached.
        """

    /// A server redirects to the address it was asked at.
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

    /// Each server names yet another server, or the time was over before the redirections ended.
    static func endless(slot: Int, from node: Node, _ redirection: Redirection) -> CachesError {
        let place = redirection.destination?.announcement.text ?? ""
        return error(
            "Slot \(slot) was sent from server to server until the call's time was over; the last one, at "
                + "\(node.configuration.connection.endpoint), named \(place).", node)
    }

    /// A server names a host whose address it does not know.
    static func unknownHost(slot: Int, from node: Node, _ announcement: ClusterNodeAddress) -> CachesError {
        error(
            "The server at \(node.configuration.connection.endpoint) sends slot \(slot) to \(announcement.text), and no "
                + "server tells where that is.", node)
    }

    /// Whether a server redirects a command to an unreadable address.
    static func isUnreadable(_ answer: ServerError) -> Bool {
        (answer.name == "MOVED" || answer.name == "ASK") && Redirection(answer) == nil
    }

    static func unreadable(_ node: Node) -> CachesError {
        error("The server sends the command to another, and does not say to which slot and address.", node)
    }

    /// Servers redirect to more servers outside the table than may be connected to at a time.
    static let tooMany = CachesError(
        .unreachable,
        "Servers of the cluster send calls to more than \(Strangers.most) servers that are in no table of the cluster.",
        advice: advice)

    private static func error(_ message: String, _ node: Node) -> CachesError {
        CachesError(.unreachable, message, advice: advice, node: node.name)
    }
}
