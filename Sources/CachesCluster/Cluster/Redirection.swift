internal import CachesTransport

/// Why a server of a cluster did not carry out a command that may be carried out elsewhere, or later.
///
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Redirection and resharding")
enum Redirection: Hashable, Sendable {
    /// Another server owns the slot.
    case moved(slot: Int, ClusterNodeAddress)
    /// Another server may have the key, since the slot is migrating there: ask it once, after `ASKING`.
    case ask(slot: Int, ClusterNodeAddress)
    /// Some of the command's keys are here and some there, while the slot is migrating.
    case tryAgain
    /// No server owns the slot, or too many servers are out.
    case down

    /// Reads a server's error; nil if it is not a redirection.
    init?(_ answer: ServerError) {
        let words = answer.message.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "MOVED", "ASK":
            guard words.count >= 3, let slot = words[1].number(.slot),
                let announcement = ClusterNodeAddress(words[2])
            else { return nil }
            self = words[0] == "MOVED" ? .moved(slot: slot, announcement) : .ask(slot: slot, announcement)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN": self = .down
        default: return nil
        }
    }

    /// The address to send the command to; nil if it is not redirected.
    var destination: (slot: Int, announcement: ClusterNodeAddress)? {
        switch self {
        case .moved(let slot, let announcement), .ask(let slot, let announcement): (slot, announcement)
        case .tryAgain, .down: nil
        }
    }
}
