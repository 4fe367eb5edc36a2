/// How long a key will still be there.
public enum TimeLeft: Hashable, Sendable {
    /// There is nothing at the key.
    case missing

    /// It has no ttl.
    case forever

    /// It expires after this time.
    case time(Duration)

    /// What `PTTL` answers (https://redis.io/docs/latest/commands/pttl/).
    package init(milliseconds: Int) {
        self =
            switch milliseconds {
            case -2: .missing
            case -1: .forever
            default: .time(.milliseconds(milliseconds))
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
