package import CachesTransport

/// How long a key will still be there.
public enum TimeLeft: Hashable, Sendable {
    /// The key does not exist.
    case missing

    /// It has no ttl.
    case forever

    /// It expires after this time.
    case time(Duration)

    /// Reads the answer to `PTTL` (https://redis.io/docs/latest/commands/pttl/).
    ///
    /// A server can keep a key for longer than the limit of ``PeerNumber/milliseconds``: then it is that
    /// limit.
    /// - Throws: ``CachesError`` `.protocolViolation` for any other reply.
    package init(_ reply: Reply, from source: any ReplySource) throws(CachesError) {
        switch reply {
        case .integer(-2): self = .missing
        case .integer(-1): self = .forever
        case .integer(let number) where number >= 0:
            self = .time(.milliseconds(PeerNumber.milliseconds.clamped(number)))
        default: throw reply.unexpected(from: source, expected: "a time left")
        }
    }
}

extension TimeLeft: CustomStringConvertible {
    /// `missing`, `forever`, or the time in its two largest units: `1 h 59 min`.
    public var description: String {
        switch self {
        case .missing: "missing"
        case .forever: "forever"
        case .time(let time): time.inUnits
        }
    }
}
