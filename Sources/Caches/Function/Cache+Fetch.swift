extension Cache {
    /// The value; where there is none, it is computed and stored.
    ///
    /// ```swift
    /// let user = try await UserCache(42).fetch { try await database.user(42) }
    /// ```
    ///
    /// A value that can't be decoded counts as none, as with ``get()``, and is replaced.
    ///
    /// Callers that find none at the same time each compute it, in one process too, and the last to store it wins: also
    /// over a ``CacheEntry/clear()`` that came while it was computed.
    ///
    /// **A cache never takes its application down.** Where the cache can't be read, because its node is out or
    /// answers something else than a value, the value is computed and returned, and nothing is stored: what is
    /// there may belong to another class. Where it can't be stored, it is returned all the same. Both are
    /// counted in ``CacheCounters/bypassed``. ``CacheEntry/outagePolicy`` makes no difference here.
    ///
    /// - Parameters:
    ///   - ttl: How long a value that is computed is kept. nil: as ``CacheEntry/ttl`` says.
    ///   - isUnwanted: Whether a value that was computed is returned without being stored, an empty result say.
    ///     Default: never.
    ///   - compute: Makes the value. It runs where the caller runs: on its actor, in its task.
    /// - Throws: What `compute` throws; nothing is stored then. ``CachesError`` of code
    ///   ``CachesError/Code/configuration`` or ``CachesError/Code/invalidArgument``, for a mistake of the program
    ///   that no server can answer for: an unknown connection, an empty key, a ttl that can't be kept. It is
    ///   thrown before anything is computed. `CancellationError` if the task is cancelled while the cache is
    ///   read or written.
    // Inlinable as far as the value is there: see `get`.
    @inlinable
    public final func fetch(
        ttl: TTL? = nil, unless isUnwanted: (Value) -> Bool = { _ in false },
        _ compute: () async throws -> Value
    ) async throws -> Value {
        let bytes: Bytes?
        do { bytes = try await stored() } catch {
            try bypass(error)
            return try await computed(ttl, isReadable: false, isUnwanted, compute)
        }
        if let value = value(in: bytes) { return value }
        return try await computed(ttl, isReadable: true, isUnwanted, compute)
    }

    /// Counts that the cache is done without; throws what that does not help against.
    @usableFromInline
    final func bypass(_ error: any Error) throws {
        guard let error = error as? CachesError, !error.meansMistake else { throw error }
        CacheCounters.countBypassed()
    }

    /// The value that is computed, stored unless the cache can't be read.
    @usableFromInline @inline(never)
    final func computed(
        _ ttl: TTL?, isReadable: Bool, _ isUnwanted: (Value) -> Bool, _ compute: () async throws -> Value
    ) async throws -> Value {
        let milliseconds = try milliseconds(ttl)
        let value = Self.normalize(try await compute())
        guard isReadable, !isUnwanted(value) else { return value }
        do { try await send(setting(value, milliseconds: milliseconds)) } catch { try bypass(error) }
        return value
    }
}

extension CachesError {
    /// Whether the program or its environment is wrong, as against: something happened to a server or a value.
    fileprivate var meansMistake: Bool { code == .configuration || code == .invalidArgument }
}
