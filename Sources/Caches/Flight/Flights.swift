import CachesTransport
import Synchronization

/// The computations of this process that are under way, by key.
///
/// Only a miss comes here, and a write while there are any.
@usableFromInline final class Flights: Sendable {
    /// Those of all pools. A flight is here while a task leads it, and that task holds on to its pool.
    @usableFromInline static let shared = Flights()

    /// The written key, which voids flights.
    struct Place: Hashable, Sendable {
        private let pool: ObjectIdentifier
        private let key: KeyBytes

        init(_ key: KeyBytes, on pool: CachePool) {
            self.pool = ObjectIdentifier(pool)
            self.key = key
        }
    }

    /// The thing that is computed: classes may compute different values of one key, on different nodes.
    struct Purpose: Hashable, Sendable {
        let type: ObjectIdentifier
        let connection: ConnectionName
    }

    /// The action of a call that has found nothing.
    enum Role<Value: Sendable> {
        /// It computes, and others may wait for it, unless it is alone: where somebody who computes the same
        /// waits for this very task, say.
        case leads(Flight<Value>, isAlone: Bool)
        case waits(Flight<Value>, Flight<Value>.Ticket)
        /// It looks at the cache once more: a value has been stored there since it looked.
        case looks
    }

    private struct Entry: Sendable {
        let purpose: Purpose
        let flight: any AnyFlight
    }

    private struct Shared: Sendable {
        var entries: [Place: [Entry]] = [:]

        /// For a flight whose leader waits, those that it waits for. One leader may have several tasks that
        /// wait.
        var waits: [ObjectIdentifier: [ObjectIdentifier]] = [:]

        /// The numbers of the values that were stored last, by where they are.
        private var stored: [Place: Int] = [:]

        /// The greatest number of those that are not remembered any more.
        private var forgotten = 0

        private static let mostStored = 1024

        mutating func noteStored(_ number: Int, at place: Place) {
            if stored.count == Self.mostStored {
                forgotten = number - 1
                stored.removeAll(keepingCapacity: true)
            }
            stored[place] = number
        }

        /// Whether a value may have been stored since there were so many.
        func mayHaveStored(at place: Place, since count: Int) -> Bool { (stored[place] ?? forgotten) > count }

        /// Whether the leader of a flight waits, by way of others, for one of some flights.
        func isBehind(_ flight: ObjectIdentifier, _ led: [ObjectIdentifier]) -> Bool {
            var (seen, next) = (Set<ObjectIdentifier>(), [flight])
            while let flight = next.popLast() {
                guard seen.insert(flight).inserted else { continue }
                if led.contains(flight) { return true }
                next += waits[flight] ?? []
            }
            return false
        }
    }

    private let shared = Locked(Shared())

    /// How many places have flights: looked at by each write.
    private let places = Atomic(0)

    private let storedCount = Atomic(0)

    /// How many values have been stored. A caller notes it before it looks at the cache, for
    /// ``role(at:for:mayWait:longest:since:)``.
    @usableFromInline var count: Int { storedCount.load(ordering: .acquiring) }

    @usableFromInline init() {}

    /// Whether there are any.
    var areAny: Bool { places.load(ordering: .acquiring) > 0 }

    // MARK: Computing

    /// Decides what a call does that has found nothing: it waits for a caller that computes the same, or
    /// computes.
    ///
    /// The leader calls ``end(_:at:isStored:)``, a waiter ``hasWaited(for:)``.
    ///
    /// - Parameters:
    ///   - mayWait: Whether it waits for another at all.
    ///   - longest: A flight older than this is not joined.
    ///   - count: ``count`` before the call looked at the cache, and found nothing.
    func role<Value>(
        at place: Place, for purpose: Purpose, mayWait: Bool, longest: Duration, since count: Int
    ) -> Role<Value> {
        let led = FlightPath.led
        return shared.withLock { shared in
            let current = shared.entries[place]?.last { $0.purpose == purpose }?.flight as? Flight<Value>
            var mayLead = mayWait
            if mayWait, let current {
                let flight = ObjectIdentifier(current)
                if shared.isBehind(flight, led) {
                    mayLead = false
                } else if let ticket = current.join(longest: longest) {
                    for other in led { shared.waits[other, default: []].append(flight) }
                    return .waits(current, ticket)
                }
            }
            if mayWait, shared.mayHaveStored(at: place, since: count) { return .looks }
            let flight = Flight<Value>(isShared: mayLead)
            if shared.entries[place] == nil { places.wrappingAdd(1, ordering: .acquiringAndReleasing) }
            var entries = shared.entries[place] ?? []
            // The one to join is looked for from the end.
            entries.insert(Entry(purpose: purpose, flight: flight), at: mayLead ? entries.count : 0)
            shared.entries[place] = entries
            return .leads(flight, isAlone: !mayLead)
        }
    }

    /// A task does not wait any more.
    func hasWaited(for flight: some AnyFlight) {
        let led = FlightPath.led
        guard !led.isEmpty else { return }
        shared.withLock { shared in
            for other in led {
                guard let index = shared.waits[other]?.firstIndex(of: ObjectIdentifier(flight)) else {
                    continue
                }
                shared.waits[other]?.remove(at: index)
                if shared.waits[other]?.isEmpty == true { shared.waits[other] = nil }
            }
        }
    }

    /// A flight is over.
    /// - Parameter isStored: Whether its value has been stored.
    func end(_ flight: some AnyFlight, at place: Place, isStored: Bool) {
        shared.withLock { shared in
            if isStored {
                let number = storedCount.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
                shared.noteStored(number, at: place)
            }
            guard var entries = shared.entries[place] else { return }
            entries.removeAll { $0.flight === flight }
            shared.entries[place] = entries.isEmpty ? nil : entries
            if entries.isEmpty { places.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
        }
    }

    // MARK: Writing

    /// Carries out a write of some keys, which voids their computations meanwhile. A value that is being
    /// stored right now is stored first: then this waits for it, no longer than that call may take.
    /// - Throws: What `write` throws; `CancellationError`.
    func voiding<Result>(
        _ places: @autoclosure () -> [Place], _ write: () async throws -> Result
    ) async throws -> Result {
        guard areAny else { return try await write() }
        let places = places()
        for flight in flights(at: places) where flight.void() { try await flight.waitUntilStored() }
        // A computation that began while the keys were written may be older, too.
        defer { for flight in flights(at: places) { _ = flight.void() } }
        return try await write()
    }

    private func flights(at places: [Place]) -> [any AnyFlight] {
        shared.withLock { shared in places.flatMap { shared.entries[$0] ?? [] }.map(\.flight) }
    }
}
