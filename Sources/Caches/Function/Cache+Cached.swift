// `@concurrent`, although the caller's executor would do: compilers up to Swift 6.3 crash on a
// nonisolated(nonsending) closure there whose parameters are a pack. It costs a hop, only on a miss.

extension Cache {
    /// Makes a function that keeps its results in a cache of this class, and reads those that are there.
    ///
    /// ```swift
    /// let sum = SumCache.cached { (x: Int, y: Int) async throws in x + y }
    /// let user = UserCache.cached(database.user(id:))
    /// ```
    ///
    /// Closures, free functions, methods and static methods can be cached, whether or not they are async or
    /// throw; the cached function is async and throws. A method of an actor needs a closure around it.
    ///
    /// The key is made of every argument, in order, as the class makes it: the result of `sum(3, 4)` is in
    /// `SumCache(3, 4)`. A function without parameters has the bare prefix. The function itself is not part
    /// of the key: give each one that is cached a class or a prefix of its own.
    ///
    /// If `Value` is optional, nil is a result that is kept, too.
    ///
    /// - Parameters:
    ///   - prefix: The start of the keys. nil: as the class says.
    ///   - ttl: How long results are kept. nil: as the class says.
    ///   - isUnwanted: Whether a result is returned without being kept: `unless: \.isEmpty`. Default: never.
    ///   - pool: The pool to use. nil: the task's at each call, else the shared one.
    ///   - function: The function.
    public static func cached<each Argument: KeyPart & Sendable>(
        prefix: String? = nil, ttl: TTL? = nil,
        unless isUnwanted: @escaping @Sendable (Value) -> Bool = { _ in false }, on pool: CachePool? = nil,
        _ function: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> CachedFunction<repeat each Argument, Value> {
        CachedFunction(
            makeCache: { (argument: repeat each Argument) in
                Self(key: key(prefix: prefix, repeat each argument), ttl: ttl, on: pool)
            }, isUnwanted: isUnwanted, function: function)
    }

    /// Makes a function that keeps its results under keys of your own, and reads those that are there.
    ///
    /// ```swift
    /// let avatar = AvatarCache.cached(key: { user, size, _ in [user.id, size] }) {
    ///     (user: User, size: Int, log: Logger) in try await render(user, size, log)
    /// }
    /// ```
    ///
    /// See ``cached(prefix:ttl:unless:on:_:)`` for the rest.
    ///
    /// - Parameters:
    ///   - key: The parts of the key, in order, made of the function's arguments. Include everything that the
    ///     result depends on. No parts: the bare prefix.
    ///   - prefix: The start of the keys. nil: as the class says.
    ///   - ttl: How long results are kept. nil: as the class says.
    ///   - isUnwanted: Whether a result is returned without being kept. Default: never.
    ///   - pool: The pool to use. nil: the task's at each call, else the shared one.
    ///   - function: The function.
    public static func cached<each Argument: Sendable>(
        key parts: @escaping @Sendable (repeat each Argument) -> [any KeyPart], prefix: String? = nil,
        ttl: TTL? = nil, unless isUnwanted: @escaping @Sendable (Value) -> Bool = { _ in false },
        on pool: CachePool? = nil,
        _ function: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> CachedFunction<repeat each Argument, Value> {
        CachedFunction(
            makeCache: { (argument: repeat each Argument) in
                Self(key: key(prefix: prefix, parts: parts(repeat each argument)), ttl: ttl, on: pool)
            }, isUnwanted: isUnwanted, function: function)
    }

    /// As ``CacheEntry/key(prefix:style:_:)``, of parts whose number and types are known only at run time.
    private static func key(prefix: String?, parts: [any KeyPart]) -> CacheKey {
        var joiner = KeyJoiner(prefix: normalize(prefix: prefix ?? Self.prefix), style: keyStyle)
        for part in parts { joiner.append(normalize(part: part.keyPart)) }
        return CacheKey(joiner)
    }
}
