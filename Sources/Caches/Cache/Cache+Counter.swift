extension Cache where Value: FixedWidthInteger {
    /// Adds to the number at the key, atomically. A missing number counts as 0.
    ///
    /// Each increment restarts the ttl, in the same atomic step. Without a ttl
    /// (``TTL/forever``), the command is a plain `INCRBY`, which leaves a ttl that the key may have as it is.
    /// An increment is never sent twice: if the connection is lost before the reply comes, whether it was
    /// carried out is not known.
    ///
    /// The server counts in plain decimal, as the ``StandardCoder`` stores integers; what another coder has
    /// stored is not a number to it. A ttl makes the command a script, for which an ACL user needs `+eval`.
    ///
    /// - Parameters:
    ///   - amount: The amount to add; it may be negative.
    ///   - ttl: How long the number is kept from now on. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The new number. Servers count in 64 bits, whatever `Value` is.
    /// - Throws: ``CachesError``, of code `.server("ERR")` if the stored value is not an integer or would
    ///   exceed 64 bits; nothing has been changed then. `CancellationError` if the task is cancelled.
    @discardableResult
    public final func increment(by amount: Int = 1, ttl: TTL? = nil) async throws -> Int {
        try await run(incrementing(by: amount, ttl: ttl))
    }

    /// Subtracts from the number at the key, atomically. See ``increment(by:ttl:)``.
    @discardableResult
    public final func decrement(by amount: Int = 1, ttl: TTL? = nil) async throws -> Int {
        try await run(decrementing(by: amount, ttl: ttl))
    }

    /// ``Cache/increment(by:ttl:)`` as an operation.
    public final func incrementing(by amount: Int = 1, ttl: TTL? = nil) -> CacheOperation<Int> {
        operation {
            CacheCommand(
                counting: "INCRBY", [.number(amount)], reading: "GET", milliseconds: try milliseconds(ttl)
            ) { try $0.requireCounter(from: $1) }
        }
    }

    /// ``Cache/decrement(by:ttl:)`` as an operation.
    public final func decrementing(by amount: Int = 1, ttl: TTL? = nil) -> CacheOperation<Int> {
        operation {
            try incrementing(by: amount.negatedAmount(), ttl: ttl).command.get()
        }
    }
}

extension Int {
    /// The number to add to a counter in order to subtract this.
    func negatedAmount() throws(CachesError) -> Int {
        guard self != .min else {
            throw CachesError(
                .invalidArgument, "\(self) can't be subtracted: its negative exceeds 64 bits.",
                advice: "Subtract it in two steps.")
        }
        return -self
    }
}
