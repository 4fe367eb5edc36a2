public import Synchronization

/// A reference that every call reads, and that is replaced once in a while.
///
/// Under a lock, each call would write to the lock and to the count of references: memory that every core has
/// to fetch from the one that wrote to it last, which takes longer than all the work with the value read.
/// Here a thread that reads writes to a stripe of its own: two threads share one only by chance.
///
/// # Why nobody reads what is gone
///
/// A reader counts itself in at its stripe, loads the reference, uses it for the time of a closure, and
/// counts itself out. A writer exchanges the reference first, then looks at the stripes, and releases the old
/// one only when it has seen each of them empty. All of this is sequentially consistent, so that there is one
/// order of it all:
///
/// - A reader that got the old reference loaded it before the exchange, and was counted in before that. Its
///   stripe isn't seen empty as long as it is inside.
/// - A reader that comes in after its stripe was seen empty loads after the exchange, and gets the new one.
///
/// A stripe is empty if as many have left as came in. `left` is read first: it never exceeds `entered`, and
/// if it equals the value of `entered` read later, nobody was inside at that later moment.
///
/// A reader is inside for less than a microsecond. If one stays longer, since it was put to sleep there, the
/// old reference is released by the next replacement, or in deinit. (P. McKenney, "Sleepable Read-Copy
/// Update", 2006, in its simplest form.)
// Public, as `Locked` is: to be inlined in the floors above. Safe: see `stripes`, and above.
@safe public final class AtomicReference<Value: AnyObject & Sendable>: Sendable {
    /// The counters that reading threads write; on cache lines of their own, apart from the one that is
    /// prefetched with them.
    @usableFromInline struct Stripe: ~Copyable {
        @usableFromInline let entered = Atomic(0)
        @usableFromInline let left = Atomic(0)
        private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
        private let more: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)

        /// Whether nobody is inside.
        fileprivate var isEmpty: Bool {
            let left = left.load(ordering: .sequentiallyConsistent)
            return entered.load(ordering: .sequentiallyConsistent) == left
        }
    }

    /// A reference that was replaced, and the stripes that were not seen empty since, a bit each.
    private struct Retired: Sendable {
        let value: Value
        var unseen: UInt32
    }

    /// As many as four bits tell apart.
    private static var stripeCount: Int { 16 }

    // Safe: allocated in init, freed in deinit, when there are no readers; atomics in between.
    @usableFromInline nonisolated(unsafe) let stripes: UnsafeMutablePointer<Stripe>

    /// The bits of a reference that counts; 0 for none.
    @usableFromInline let bits: Atomic<UInt>

    private let retired = Locked<[Retired]>([])

    /// Publishes a reference.
    public init(_ value: Value?) {
        unsafe stripes = .allocate(capacity: Self.stripeCount)
        for index in 0..<Self.stripeCount { unsafe (stripes + index).initialize(to: Stripe()) }
        bits = Atomic(Self.retainedBits(of: value))
    }

    deinit {
        _ = Self.value(ofRetained: bits.load(ordering: .acquiring))
        unsafe stripes.deinitialize(count: Self.stripeCount)
        unsafe stripes.deallocate()
    }

    /// Calls `body` with the reference, which is there at least for as long as that runs. It must not wait.
    @inlinable @inline(__always)
    public func read<Result>(_ body: (Value) -> Result?) -> Result? {
        let stripe = unsafe stripes + Self.stripe(of: currentThread())
        unsafe stripe.pointee.entered.add(1, ordering: .sequentiallyConsistent)
        defer { unsafe stripe.pointee.left.add(1, ordering: .sequentiallyConsistent) }
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits.load(ordering: .sequentiallyConsistent))
        else { return nil }
        return unsafe Unmanaged<Value>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
    }

    /// Threads lie on pages of their own, some power of two apart: the product's upper bits depend on all of
    /// theirs.
    @inlinable static func stripe(of thread: UInt) -> Int {
        Int(truncatingIfNeeded: ((thread >> 12) &* 0x9E37_79B9_7F4A_7C15) >> 60)
    }

    /// How often it has been read.
    public var reads: Int {
        (0..<Self.stripeCount).reduce(0) {
            unsafe $0 + stripes[$1].entered.load(ordering: .relaxed)
        }
    }

    /// Publishes another reference in place of the present one, which is released when nobody reads it any
    /// more.
    public func replace(with value: Value?) {
        let old = bits.exchange(Self.retainedBits(of: value), ordering: .sequentiallyConsistent)
        let gone = retired.withLock { retired in
            if let value = Self.value(ofRetained: old) {
                retired.append(Retired(value: value, unseen: .max >> (32 - UInt32(Self.stripeCount))))
            }
            return removeUnread(from: &retired)
        }
        // Released here, and not under the lock.
        _ = gone
    }

    /// How many references wait to be released.
    var retiredCount: Int { retired.withLock { $0.count } }

    private func removeUnread(from retired: inout [Retired]) -> [Value] {
        for stripe in 0..<Self.stripeCount where unsafe stripes[stripe].isEmpty {
            for index in retired.indices { retired[index].unseen &= ~(1 << UInt32(stripe)) }
        }
        defer { retired.removeAll { $0.unseen == 0 } }
        return retired.filter { $0.unseen == 0 }.map(\.value)
    }

    private static func retainedBits(of value: Value?) -> UInt {
        guard let value else { return 0 }
        return UInt(bitPattern: unsafe Unmanaged.passRetained(value).toOpaque())
    }

    private static func value(ofRetained bits: UInt) -> Value? {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return nil }
        return unsafe Unmanaged<Value>.fromOpaque(pointer).takeRetainedValue()
    }
}
