/// A server's own account of its part in a replication
/// ([`ROLE`](https://redis.io/docs/latest/commands/role/)).
package enum Role: Hashable, Sendable {
    /// It takes writes.
    case primary
    /// It has a copy of another's data.
    case replica
    /// It doesn't say, for this reason.
    case unknown(String)

    package init(_ reply: Reply) {
        switch reply {
        case .array(let array):
            switch array.first?.text {
            case "master": self = .primary
            case "slave": self = .replica
            default: self = .unknown("its answer is neither a primary's nor a replica's")
            }
        // The user has no right to ask, or the server no such command: neither is quoted in full.
        case .error(let error): self = .unknown("it answered \(error.shownName)")
        default: self = .unknown("its answer is neither a primary's nor a replica's")
        }
    }

    /// Writes the question.
    package static func write(to writer: inout CommandWriter) {
        writer.begin(1)
        writer.argument("ROLE")
    }

    /// - Throws: ``CachesError`` if it is not that of a primary.
    package func check(_ endpoint: Endpoint) throws(CachesError) {
        switch self {
        case .primary: return
        case .replica:
            throw CachesError(
                .unreachable, "The server at \(endpoint) is named as the primary, and says it is a replica.",
                advice: "A failover may be under way. The client asks for the primary again by itself.")
        case .unknown(let why):
            throw CachesError(
                .authentication, "The server at \(endpoint) doesn't say whether it is the primary: \(why).",
                advice: "Grant the user the command ROLE (ACL SETUSER … +role).")
        }
    }
}
