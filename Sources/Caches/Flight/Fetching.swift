/// How ``Cache/fetch(ttl:unless:_:)`` of a class keeps computations from being repeated.
///
/// ```swift
/// final class ReportCache: Cache<Report>, @unchecked Sendable {
///     override class var fetching: Fetching { Fetching(longest: .minutes(5)) }
/// }
/// ```
public struct Fetching: Hashable, Sendable {
    /// The callers that share a computation.
    public enum Sharing: Hashable, Sendable {
        /// Nobody: each call that finds nothing computes.
        case none
        /// The callers in this process.
        case process
    }

    /// The callers that share a computation. Default: ``Sharing/process``.
    public var sharing = Sharing.process

    /// How long a computation is waited for. One that has taken longer is not joined, those who wait for it
    /// start another one, and what comes of it is not stored: one query that hangs does not hold a key for
    /// ever. Default: 60 s.
    public var longest = Duration.seconds(60)

    /// Makes settings.
    public init(sharing: Sharing = .process, longest: Duration = .seconds(60)) {
        self.sharing = sharing
        self.longest = longest
    }
}
