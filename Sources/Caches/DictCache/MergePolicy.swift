/// Which value a field has after ``DictCache/merge(_:keeping:ttl:)``, if it had one before.
public enum MergePolicy: Sendable {
    /// The one that it had.
    case current
    /// The one that it is given.
    case new
}
