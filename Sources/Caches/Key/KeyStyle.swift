/// How the parts of a key are joined into one text.
public enum KeyStyle: Hashable, Sendable {
    /// Different parts always make different keys. The default.
    ///
    /// Parts are joined by `.`; a `.` inside a part is written `%2E` and a `%` is written `%25`, as URLs do.
    /// Everything else stays as it is, and so most parts look just as they are written:
    ///
    /// | call                   | key             |
    /// |------------------------|-----------------|
    /// | `UserCache()`          | `user`          |
    /// | `UserCache(0)`         | `user.0`        |
    /// | `UserCache("org", 42)` | `user.org.42`   |
    /// | `UserCache("org.42")`  | `user.org%2E42` |
    /// | `UserCache("")`        | `user.`         |
    ///
    /// An empty part is a part, not nothing: an identifier that is empty by mistake must not reach the key of
    /// `UserCache()`. Braces stay too, so that a hash tag (`"{42}"`) keeps related keys on one node. The
    /// prefix is the class's own choice and is never escaped.
    case escaped

    /// Parts are joined by `.` as they are, and empty ones are dropped: the join of the Python package
    /// `caches`, for keys that are shared with it.
    ///
    /// `("a", "b")` and `("a.b")` are one key here. The number 0 stays a part, where Python drops it.
    case plain
}
