extension CacheEntry {
    /// Everything that the servers report about the key: where it is and where it belongs, the kind of its
    /// value, the time it has left, its size and when it was last used.
    ///
    /// ```swift
    /// print(try await UserCache(42).explain())
    /// ```
    ///
    /// It takes one round trip, and does not count as a use of the key. Facts that the user may not query are
    /// nil. The age is computed from ``ttl``: see ``KeyExplanation/age``. It throws while the node is out,
    /// whatever ``outagePolicy`` says.
    ///
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func explain() async throws -> KeyExplanation {
        var explanation = try await pool.explain(
            key.checked().text, connection: connection, deadline: deadline)
        let ttl = Self.normalize(ttl: ttl)
        // With jitter each write draws its own ttl, which is not recorded.
        if ttl.jitter == 0, let asked = ttl.asked, case .time(let left)? = explanation.timeLeft {
            let age = Duration.milliseconds(asked) - left
            if age >= .zero { explanation.age = age }
        }
        return explanation
    }

    /// The keys of the class that begin with some parts and go on after them, for
    /// ``CachePool/keys(matching:connection:batchSize:deadline:)`` and
    /// ``CachePool/clear(matching:connection:batchSize:deadline:progress:)``.
    ///
    /// ```swift
    /// let all = UserCache.glob()           // user.*
    /// let users = UserCache.glob("org")    // user.org.*
    /// try await CachePool.shared.clear(matching: users, connection: UserCache.connection).get()
    /// ```
    ///
    /// The key of the parts themselves (`user`, `user.org`) does not match, nor does a key that begins with
    /// the same characters (`users.1`, `user.org2.1`). If there is neither a prefix nor a part, or the key
    /// would be too large for a server, the glob is empty, and calls that use it throw: it never means every
    /// key.
    ///
    /// - Parameters:
    ///   - part: The parts, in order.
    ///   - prefix: The start of the keys. nil: as the class says.
    ///   - style: How prefix and parts are joined. nil: as the class says.
    public static func glob<each Part: KeyPart>(
        _ part: repeat each Part, prefix: String? = nil, style: KeyStyle? = nil
    ) -> Glob {
        let key = key(prefix: prefix, style: style, repeat each part).text
        return key.isEmpty ? "" : "\(key).*"
    }
}
