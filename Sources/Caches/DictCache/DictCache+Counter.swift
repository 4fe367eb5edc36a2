extension DictCache where Value: FixedWidthInteger {
    /// Adds to the number of a field, atomically. A missing number counts as 0.
    ///
    /// Each increment restarts the ttl, in the same atomic step. Without a ttl (``TTL/forever``), the
    /// command is a plain `HINCRBY`, which leaves a ttl that the dictionary may have as it is. An increment
    /// is never sent twice: if the connection is lost before the reply comes, whether it was carried out is
    /// not known.
    ///
    /// The server counts in plain decimal, as the ``StandardCoder`` stores numbers; what another coder has
    /// stored is not a number to it. A ttl makes the command a script, for which an ACL user needs `+eval`.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - amount: The amount to add; it may be negative.
    ///   - ttl: How long the dictionary is kept from now on. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The new number. Servers count in 64 bits, whatever `Value` is.
    /// - Throws: As ``get(_:)``, and code `.server("ERR")` if the stored value is not an integer or would
    ///   exceed 64 bits; nothing has been changed then.
    @discardableResult
    public final func increment(_ field: Field, by amount: Int = 1, ttl: TTL? = nil) async throws -> Int {
        try await run(incrementing(field, by: amount, ttl: ttl))
    }

    /// Subtracts from the number of a field, atomically. See ``increment(_:by:ttl:)``.
    @discardableResult
    public final func decrement(_ field: Field, by amount: Int = 1, ttl: TTL? = nil) async throws -> Int {
        try await run(decrementing(field, by: amount, ttl: ttl))
    }

    /// ``DictCache/increment(_:by:ttl:)`` as an operation.
    public final func incrementing(
        _ field: Field, by amount: Int = 1, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        operation {
            CacheCommand(
                counting: "HINCRBY", [try payload(field), .number(amount)], reading: "HGET",
                milliseconds: try milliseconds(ttl)
            ) { try $0.requireCounter(from: $1) }
        }
    }

    /// ``DictCache/decrement(_:by:ttl:)`` as an operation.
    public final func decrementing(
        _ field: Field, by amount: Int = 1, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        operation {
            try incrementing(field, by: amount.negatedAmount(), ttl: ttl).command.get()
        }
    }
}

extension DictCache where Value: BinaryFloatingPoint {
    /// Adds to the floating-point number of a field, atomically. A missing number counts as 0.
    ///
    /// The server adds in C's `long double` and stores 17 digits after the decimal point, so that an amount
    /// below 10⁻¹⁷ adds nothing (https://redis.io/docs/latest/commands/hincrbyfloat/). In all else it is as
    /// counting in integers: the ttl restarts, and an increment is never sent twice.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - amount: The amount to add; it may be negative, and has to be finite.
    ///   - ttl: How long the dictionary is kept from now on. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The new number; infinity if it is more than a `Double` holds.
    /// - Throws: As ``get(_:)``; code `.server("ERR")` if the stored value is not a finite number, and
    ///   ``CachesError/Code/invalidArgument`` if `amount` isn't one. Nothing has been changed then.
    @discardableResult
    public final func increment(_ field: Field, by amount: Double, ttl: TTL? = nil) async throws -> Double {
        try await run(incrementing(field, by: amount, ttl: ttl))
    }

    /// ``DictCache/increment(_:by:ttl:)`` as an operation on a floating-point number.
    public final func incrementing(
        _ field: Field, by amount: Double, ttl: TTL? = nil
    ) -> CacheOperation<Double> {
        operation {
            guard amount.isFinite else {
                throw CachesError(
                    .invalidArgument, "\(amount) can't be added to a number on a server.",
                    advice: "Add a finite number.")
            }
            return CacheCommand(
                counting: "HINCRBYFLOAT", [try payload(field), .text(String(amount))], reading: "HGET",
                milliseconds: try milliseconds(ttl)
            ) { try $0.requireDouble(from: $1) }
        }
    }
}
