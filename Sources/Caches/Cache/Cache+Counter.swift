extension Cache where Value: FixedWidthInteger {
    /// Adds to the number at the key, atomically; where there is none, it counts as 0.
    ///
    /// The ttl begins anew with each increment, in the same atomic step. Without a ttl
    /// (``TTL/forever``), the command is a plain `INCRBY`, which leaves a ttl that the key may have as it is.
    /// An increment is never sent twice: if the connection is lost before the reply comes, whether it was
    /// carried out is not known.
    ///
    /// The server counts in plain decimal, as the ``StandardCoder`` stores integers; what another coder has
    /// stored is no number to it. A ttl makes the command a script, for which an ACL user needs `+eval`.
    ///
    /// - Parameters:
    ///   - amount: What to add; it may be negative.
    ///   - ttl: How long the number is kept from now on. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The new number. Servers count in 64 bits, whatever `Value` is.
    /// - Throws: ``CachesError``, of code `.server("ERR")` if what is stored is not an integer or would exceed
    ///   64 bits; nothing has been changed then. `CancellationError` if the task is cancelled.
    @discardableResult
    public final func increment(by amount: Int = 1, ttl: TTL? = nil) async throws -> Int {
        let milliseconds = try (ttl ?? self.ttl).milliseconds()
        do {
            return try await increment(by: amount, milliseconds: milliseconds)
        } catch var error as CachesError where error.message.contains("not an integer") {
            error.advice =
                "See what the key \(key) holds: only a whole number in plain decimal can be counted up."
            throw error
        }
    }

    private func increment(by amount: Int, milliseconds: Int64?) async throws -> Int {
        let route = try route()
        let reply = try await route.node.send(idempotent: false, deadline: route.deadline) { command in
            if let milliseconds {
                command.begin(6)
                command.argument("EVAL")
                command.argument(incrementAndExpire)
                command.argument(1)
                command.argument(route.key)
                command.argument(amount)
                command.argument(milliseconds)
            } else {
                command.begin(3)
                command.argument("INCRBY")
                command.argument(route.key)
                command.argument(amount)
            }
        }
        return try reply.requireCounter(from: route.node)
    }

    /// Subtracts from the number at the key, atomically. See ``increment(by:ttl:)``.
    @discardableResult
    public final func decrement(by amount: Int = 1, ttl: TTL? = nil) async throws -> Int {
        guard amount != .min else {
            throw CachesError(
                .invalidArgument, "\(amount) can't be subtracted: its negative exceeds 64 bits.",
                advice: "Subtract it in two steps.")
        }
        return try await increment(by: -amount, ttl: ttl)
    }
}

// A script, because in MULTI … EXEC a PEXPIRE runs also after an INCRBY that has failed: it would give a time
// to live to whatever else is at the key. Its own pcall, because before Redis 7 an error that leaves a script
// is wrapped and no longer begins with its code. The number is read back as text, since Lua's are exact only
// up to 2⁵³.
private let incrementAndExpire = """
    local n = redis.pcall('INCRBY', KEYS[1], ARGV[1]) \
    if type(n) == 'table' then return n end \
    redis.call('PEXPIRE', KEYS[1], ARGV[2]) \
    return redis.call('GET', KEYS[1])
    """
