/// Which server a class reads from, where the owner of a key has replicas: ``CacheEntry/reads``.
///
/// A replica is named by a DSN of its own, `redis://10.0.0.7?replica-of=a#a2`, and owns no keys. It lags
/// behind its owner, commonly by milliseconds and without a bound: values read from it may be old, whoever
/// wrote.
public enum ReadPreference: Hashable, Sendable {
    /// The owner of the key. The default.
    case owner

    /// The nearest healthy replica of the owner. Without one, or if it fails, the owner.
    ///
    /// A task that has written by a class with this preference reads from owners for ``ownWriteBound`` after
    /// each of its writes began: by then its own writes have arrived, or the replica is not one to read from.
    /// That holds only for the same task, not for its children.
    ///
    /// Reads of many keys, batches and transactions go to the owner, and so do the batches of a
    /// ``ScanSequence``, whose cursor no other server understands, and reads while the owner is out: what is
    /// written then is where a replica doesn't hear of it.
    case preferReplica

    /// For how long a task reads from owners after a write of its own. 5 s: a replica that lags by more has a
    /// problem that its own health does not show yet.
    public static let ownWriteBound = Duration.seconds(5)
}
