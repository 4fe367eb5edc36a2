// Reads and writes that depend on the value that is there, each one atomic step on the server. Those with a
// condition are scripts, except for `SET … NX`: so they work on every supported server, and an ACL user needs
// `+eval` for them.

extension Cache {
    /// Stores a value if there is none, in one atomic command (`SET … NX`).
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, the call fails, and whether
    /// the value was stored is not known. While the node is out it fails, whatever the policy: another server
    /// can't tell whether there is a value.
    ///
    /// A value that can't be decoded is a value, too: it stays.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - ttl: How long it is kept. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: Whether it was stored. The ttl of a value that was there stays as it is.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func setIfAbsent(_ value: Value, ttl: TTL? = nil) async throws -> Bool {
        try await run(settingIfAbsent(value, ttl: ttl))
    }

    /// Stores a value and leaves the ttl that the key has, in one atomic step.
    ///
    /// A key without a ttl stays without one. A new key gets the ttl of the class (``CacheEntry/ttl``). If
    /// the connection is lost before the reply comes, it is sent again.
    ///
    /// - Parameter value: The value.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled. The value may then have been
    ///   stored or not.
    public final func set(keepingTTL value: Value) async throws {
        try await run(setting(keepingTTL: value))
    }

    /// The value, which is removed in the same atomic step; nil if there is none.
    ///
    /// Of several callers one gets the value. It is never sent twice: if the connection is lost before the
    /// reply comes, the call fails, and the value may be gone. While the node is out it fails, whatever the
    /// policy.
    ///
    /// - Returns: The value. One that can't be decoded is removed, counted (``CacheCounters/undecodable``)
    ///   and returned as nil.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    @discardableResult
    public final func getAndClear() async throws -> Value? { try await run(gettingAndClearing()) }

    /// The value with the time that it will still be there, of one moment; nil if there is none.
    ///
    /// - Returns: The value and its time left, which is never ``TimeLeft/missing``. A value that can't be
    ///   decoded is a miss, and is counted (``CacheCounters/undecodable``).
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func getWithTimeLeft() async throws -> (value: Value, timeLeft: TimeLeft)? {
        try await run(gettingWithTimeLeft())
    }

    /// The value that is there; if there is none, stores `value` and returns it, in one atomic step.
    ///
    /// Use ``fetch(ttl:unless:_:)`` for a value that takes time to make. While the node is out, the value is
    /// dropped and returned, if another node stands in or the policy is ``OutagePolicy/miss``.
    ///
    /// - Parameters:
    ///   - value: The value to store if there is none.
    ///   - ttl: How long it is kept then. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The value that is stored now: the same for all callers, as long as it is there.
    /// - Throws: ``CachesError``, of code ``CachesError/Code/decoding`` if there is something else than a
    ///   `Value`; `CancellationError` if the task is cancelled.
    @discardableResult
    public final func getOrSet(_ value: Value, ttl: TTL? = nil) async throws -> Value {
        try await run(gettingOrSetting(value, ttl: ttl))
    }

    /// Replaces a value by another if it is still there, in one atomic step.
    ///
    /// The server compares bytes: those that the coder makes of `expected` with those that are stored. JSON
    /// is written with sorted keys, so that equal values have equal bytes. A coder whose bytes differ from
    /// call to call never matches.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, the call fails, and whether
    /// the value was replaced is not known. While the node is out it fails, whatever the policy.
    ///
    /// - Parameters:
    ///   - expected: The value that has to be there. nil: there must be none, as for
    ///     ``setIfAbsent(_:ttl:)``.
    ///   - value: The new value.
    ///   - ttl: How long the new value is kept. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: Whether it was replaced.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func compareAndSet(
        _ expected: Value?, to value: Value, ttl: TTL? = nil
    ) async throws -> Bool {
        try await run(comparingAndSetting(expected, to: value, ttl: ttl))
    }
}

extension Cache {
    /// ``Cache/setIfAbsent(_:ttl:)`` as an operation.
    public final func settingIfAbsent(_ value: Value, ttl: TTL? = nil) -> CacheOperation<Bool> {
        operation {
            var words = [try encode(Self.normalize(value))]
            if let milliseconds = try milliseconds(ttl) { words += ["PX", .number(milliseconds)] }
            return CacheCommand("SET", words + ["NX"], idempotent: false) { reply, node in
                if reply.isNull { return false }
                try reply.requireOK(from: node)
                return true
            }
        }
    }

    /// ``Cache/set(keepingTTL:)`` as an operation.
    public final func setting(keepingTTL value: Value) -> CacheOperation<Void> {
        operation {
            let arguments = [try encode(Self.normalize(value)), Self.argument(try milliseconds(nil))]
            return CacheCommand(
                script: Script.setKeepingTTL, arguments, idempotent: true, whenOut: .drop(())
            ) { try $0.requireOK(from: $1) }
        }
    }

    /// ``Cache/getAndClear()`` as an operation.
    public final func gettingAndClearing() -> CacheOperation<Value?> {
        operation {
            try key.checkIsNotReserved()
            return CacheCommand(script: Script.getAndClear, idempotent: false) { reply, node in
                self.value(in: try reply.requireBytes(from: node))
            }
        }
    }

    /// ``Cache/getWithTimeLeft()`` as an operation.
    public final func gettingWithTimeLeft() -> CacheOperation<(value: Value, timeLeft: TimeLeft)?> {
        operation {
            CacheCommand(script: Script.getWithTimeLeft, idempotent: true, whenOut: .miss(nil)) {
                reply, node in
                if reply.isNull { return nil }
                let parts = try reply.requireArray(of: 2, from: node)
                let timeLeft = try TimeLeft(parts[parts.index(after: parts.startIndex)], from: node)
                guard let value = self.value(in: try parts[parts.startIndex].requireBytes(from: node)) else {
                    return nil
                }
                return (value, timeLeft)
            }
        }
    }

    /// ``Cache/getOrSet(_:ttl:)`` as an operation.
    public final func gettingOrSetting(_ value: Value, ttl: TTL? = nil) -> CacheOperation<Value> {
        operation {
            let value = Self.normalize(value)
            let arguments = [try encode(value), Self.argument(try milliseconds(ttl))]
            return CacheCommand(script: Script.getOrSet, arguments, idempotent: true, whenOut: .drop(value)) {
                guard let bytes = try $0.requireBytes(from: $1) else { return value }
                return Self.normalize(try self.decodeOrThrow(Value.self, from: bytes, of: $1))
            }
        }
    }

    /// ``Cache/compareAndSet(_:to:ttl:)`` as an operation.
    public final func comparingAndSetting(
        _ expected: Value?, to value: Value, ttl: TTL? = nil
    ) -> CacheOperation<Bool> {
        operation {
            guard let expected else { return try settingIfAbsent(value, ttl: ttl).command.get() }
            let arguments = [
                try encode(Self.normalize(expected)), try encode(Self.normalize(value)),
                Self.argument(try milliseconds(ttl)),
            ]
            return CacheCommand(script: Script.compareAndSet, arguments, idempotent: false) {
                try $0.requireInteger(from: $1) > 0
            }
        }
    }

    /// A ttl as an argument of a script: empty for none.
    private static func argument(_ milliseconds: Int64?) -> Payload {
        milliseconds.map { .number($0) } ?? ""
    }
}

extension Script {
    /// Stores `ARGV[1]` and leaves the key's ttl; a new key gets `ARGV[2]` milliseconds, if that is not
    /// empty.
    fileprivate static let setKeepingTTL: StaticString = """
        local left = redis.call('PTTL', KEYS[1]) \
        if left == -2 then left = tonumber(ARGV[2]) or -1 end \
        if left == -1 then return redis.pcall('SET', KEYS[1], ARGV[1]) end \
        return redis.pcall('SET', KEYS[1], ARGV[1], 'PX', math.max(left, 1))
        """

    /// Returns the value and removes it.
    fileprivate static let getAndClear: StaticString = """
        local value = redis.pcall('GET', KEYS[1]) \
        if type(value) == 'string' then redis.call('UNLINK', KEYS[1]) end \
        return value
        """

    /// Returns the value and its `PTTL`; null if there is none.
    fileprivate static let getWithTimeLeft: StaticString = """
        local value = redis.pcall('GET', KEYS[1]) \
        if type(value) ~= 'string' then return value end \
        return {value, redis.call('PTTL', KEYS[1])}
        """

    /// Returns the value; if there is none, stores `ARGV[1]` for `ARGV[2]` milliseconds, if that is not
    /// empty, and returns null.
    fileprivate static let getOrSet: StaticString = """
        local value = redis.pcall('GET', KEYS[1]) \
        if value then return value end \
        local reply \
        if ARGV[2] == '' then reply = redis.pcall('SET', KEYS[1], ARGV[1]) \
        else reply = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end \
        if reply.err then return reply end \
        return false
        """

    /// If the value is `ARGV[1]`, stores `ARGV[2]` for `ARGV[3]` milliseconds, if that is not empty. Returns
    /// 1 if it did, else 0.
    fileprivate static let compareAndSet: StaticString = """
        local value = redis.pcall('GET', KEYS[1]) \
        if type(value) == 'table' then return value end \
        if value ~= ARGV[1] then return 0 end \
        local reply \
        if ARGV[3] == '' then reply = redis.pcall('SET', KEYS[1], ARGV[2]) \
        else reply = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end \
        if reply.err then return reply end \
        return 1
        """
}
