extension Cache {
    /// Reads the value. If it is missing, computes and stores it.
    ///
    /// ```swift
    /// let user = try await UserCache(42).fetch { try await database.user(42) }
    /// ```
    ///
    /// A value that can't be decoded counts as missing, as with ``get()``, and is replaced.
    ///
    /// **One computation a key.** Callers in this process that miss at the same time share one
    /// computation, with the ``ttl`` and `unless` of the one that computes. If its task is cancelled, the one
    /// that has waited longest computes in its place; an error of `compute` is thrown to all of them. See
    /// ``Fetching``. Other processes compute for themselves.
    ///
    /// **A write wins.** A value whose computation began before a ``set(_:ttl:)``, a ``CacheEntry/clear()``
    /// or another write of the key by this process ended is returned and not stored: it may be older than
    /// what was written. A ``CachePool/clear(matching:connection:batchSize:deadline:progress:)`` and writes
    /// of other processes are not known here.
    ///
    /// **A cache never takes its application down.** Where the cache can't be read, because its node is out
    /// or answers something else than a value, the value is computed and returned, and nothing is stored:
    /// what is there may belong to another class. Where it can't be stored, it is still returned. Both
    /// are counted in ``CacheCounters/bypassed``. ``CacheEntry/outagePolicy`` makes no difference here.
    ///
    /// - Parameters:
    ///   - ttl: How long a value that is computed is kept. nil: as ``CacheEntry/ttl`` says.
    ///   - isUnwanted: Whether a value that was computed is returned without being stored, an empty result
    ///     say. Default: never.
    ///   - compute: Makes the value. It runs where the caller runs: on its actor, in its task.
    /// - Throws: What `compute` throws; nothing is stored then. ``CachesError`` of code
    ///   ``CachesError/Code/configuration`` or ``CachesError/Code/invalidArgument``, for a mistake of the
    ///   program that no server can answer for: an unknown connection, an empty key, a ttl that can't be
    ///   kept. It is thrown before anything is computed. `CancellationError` if the task is cancelled while
    ///   the cache is read or written.
    // Inlinable as far as the value is there: see `get`.
    @inlinable
    public final func fetch(
        ttl: TTL? = nil, unless isUnwanted: (Value) -> Bool = { _ in false },
        _ compute: () async throws -> Value
    ) async throws -> Value {
        let count = Flights.shared.count
        let bytes: Bytes?
        do { bytes = try await stored() } catch {
            try bypass(error)
            return try await computed(ttl, since: count, isReadable: false, isUnwanted, compute)
        }
        if let value = value(in: bytes) { return value }
        return try await computed(ttl, since: count, isReadable: true, isUnwanted, compute)
    }

    /// Counts a bypass of the cache, or rethrows an error that bypassing cannot fix.
    @usableFromInline
    final func bypass(_ error: any Error) throws {
        guard let error = error as? CachesError, !error.meansMistake else { throw error }
        CacheCounters.countBypassed()
    }

    /// The value that is computed, by this call or another one, and stored unless the cache can't be read.
    ///
    /// - Parameter count: ``Flights/count`` before the call looked at the cache, and found nothing.
    @usableFromInline @inline(never)
    final func computed(
        _ ttl: TTL?, since count: Int, isReadable: Bool, _ isUnwanted: (Value) -> Bool,
        _ compute: () async throws -> Value
    ) async throws -> Value {
        let milliseconds = try milliseconds(ttl)
        let (fetching, flights) = (Self.fetching, Flights.shared)
        let place = flightPlace
        let purpose = Flights.Purpose(type: ObjectIdentifier(Self.self), connection: connection)
        var (count, rounds) = (count, 0)
        while true {
            let role: Flights.Role<Value> = flights.role(
                at: place, for: purpose, mayWait: fetching.sharing == .process && rounds < Self.mostRounds,
                longest: fetching.longest, since: count)
            let news: Flight<Value>.News
            let flight: Flight<Value>
            switch role {
            case .leads(let own, let isAlone):
                if isAlone, fetching.sharing == .process, rounds < Self.mostRounds {
                    CacheCounters.countNested()
                }
                (flight, news) = (own, .lead(0))
            case .waits(let other, let ticket):
                defer { flights.hasWaited(for: other) }
                (flight, news) = (other, try await other.wait(ticket))
            case .looks:
                // It may have been void, unwanted or removed since: then this call computes.
                (count, rounds) = (flights.count, rounds + 1)
                if isReadable, let value = try await storedMeanwhile() { return value }
                continue
            }
            switch news {
            case .value(let value):
                CacheCounters.countShared()
                return value
            case .failure(let error): throw error
            case .lead(let lead):
                return try await computed(
                    leading: flight, lead, at: place, milliseconds, isReadable: isReadable, isUnwanted,
                    compute)
            case .again:
                (count, rounds) = (flights.count, rounds + 1)
                if isReadable, let value = try await storedMeanwhile() { return value }
            }
        }
    }

    /// The value that the cache has by now.
    private final func storedMeanwhile() async throws -> Value? {
        do { return value(in: try await stored()) } catch {
            try bypass(error)
            return nil
        }
    }

    /// How often a call waits for others in vain before it computes by itself.
    private static var mostRounds: Int { 3 }

    /// The value that this call computes, for all callers that wait for it.
    private final func computed(
        leading flight: Flight<Value>, _ lead: Flight<Value>.Lead, at place: Flights.Place,
        _ milliseconds: Int64?, isReadable: Bool, _ isUnwanted: (Value) -> Bool,
        _ compute: () async throws -> Value
    ) async throws -> Value {
        let value: Value
        do {
            value = try await withTaskCancellationHandler {
                try await FlightPath.$led.withValue(FlightPath.led + [ObjectIdentifier(flight)]) {
                    Self.normalize(try await compute())
                }
            } onCancel: {
                flight.cancelled(lead)
            }
        } catch {
            // A caller that was not cancelled gets no CancellationError.
            end(flight, lead, at: place, error is CancellationError ? .again : .failure(error))
            throw error
        }
        guard isReadable, !isUnwanted(value), flight.beginToStore(lead) else {
            end(flight, lead, at: place, .value(value))
            return value
        }
        do {
            try await carryOut(setCommand(value, milliseconds: milliseconds))
            end(flight, lead, at: place, .value(value), isStored: true)
        } catch {
            // It may have been stored.
            end(flight, lead, at: place, .value(value), isStored: true)
            try bypass(error)
        }
        return value
    }

    /// Callers that come now find no flight, and callers that wait are told.
    private final func end(
        _ flight: Flight<Value>, _ lead: Flight<Value>.Lead, at place: Flights.Place,
        _ news: Flight<Value>.News, isStored: Bool = false
    ) {
        // Another may lead by now.
        guard flight.isLed(by: lead) else { return }
        Flights.shared.end(flight, at: place, isStored: isStored)
        flight.end(lead, news)
    }
}

extension CachesError {
    /// Whether the program or its environment is wrong. Else something happened to a server or a value.
    fileprivate var meansMistake: Bool { code == .configuration || code == .invalidArgument }
}
