internal import CachesTransport

/// Why a server of a cluster did not carry out a command that may be carried out elsewhere, or later.
///
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Redirection and resharding")
enum Redirection: Hashable, Sendable {
    /// Another owns the slot.
    case moved(slot: Int, ClusterNodeAddress)
    /// Another may have the key, since the slot is on its way there: to be asked this once, after `ASKING`.
    case ask(slot: Int, ClusterNodeAddress)
    /// Some of the command's keys are here and some there, while the slot is on its way.
    case tryAgain
    /// Nobody owns the slot, or too many servers are out.
    case down

    /// By what a server answered; nil if it means something else.
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

    /// Where the command is sent; nil if it is not sent on.
    var destination: (slot: Int, announcement: ClusterNodeAddress)? {
        switch self {
        case .moved(let slot, let announcement), .ask(let slot, let announcement): (slot, announcement)
        case .tryAgain, .down: nil
        }
    }
}
