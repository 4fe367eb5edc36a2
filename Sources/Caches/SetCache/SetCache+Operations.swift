// The command of each operation, and the meaning of its reply.
// (https://redis.io/docs/latest/commands/?group=set)

extension SetCache {
    /// ``SetCache/insert(contentsOf:ttl:)`` as an operation.
    public final func inserting(
        contentsOf elements: some Sequence<Element>, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        operation {
            CacheCommand(
                writing: "SADD", items: try payloads(elements), milliseconds: try milliseconds(ttl),
                idempotent: true, whenOut: .drop(0)
            ) { try $0.requireNumber(.count, from: $1) }
        }
    }

    /// ``SetCache/insert(_:ttl:)`` as an operation.
    public final func inserting(_ element: Element, ttl: TTL? = nil) -> CacheOperation<Bool> {
        inserting(contentsOf: CollectionOfOne(element), ttl: ttl).map { $0 > 0 }
    }

    /// ``SetCache/remove(_:)`` as an operation.
    public final func removing(_ element: Element) -> CacheOperation<Bool> {
        removing(contentsOf: CollectionOfOne(element)).map { $0 > 0 }
    }

    /// ``SetCache/remove(contentsOf:)`` as an operation.
    public final func removing(contentsOf elements: some Sequence<Element>) -> CacheOperation<Int> {
        operation {
            CacheCommand("SREM", items: try payloads(elements), idempotent: true, whenOut: .drop(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``SetCache/pop()`` as an operation.
    public final func popping() -> CacheOperation<Element?> {
        operation {
            CacheCommand("SPOP", idempotent: false) { reply, node in
                guard let bytes = try reply.requireBytes(from: node) else { return nil }
                return Self.normalize(try self.decodeOrThrow(Element.self, from: bytes, of: node))
            }
        }
    }

    /// ``SetCache/contains(_:)`` as an operation.
    public final func containing(_ element: Element) -> CacheOperation<Bool> {
        operation {
            CacheCommand(
                "SISMEMBER", try payloads(CollectionOfOne(element)), idempotent: true, whenOut: .miss(false)
            ) { try $0.requireInteger(from: $1) > 0 }
        }
    }

    /// ``SetCache/containsMany(_:)`` as an operation.
    public final func containingMany(
        _ elements: some Sequence<Element>
    ) -> CacheOperation<[Bool]> {
        operation {
            // SMISMEMBER is there since Redis 6.2.
            let payloads = try payloads(elements)
            return CacheCommand(
                "SMISMEMBER", items: payloads, idempotent: true,
                whenOut: .miss(Array(repeating: false, count: payloads.count))
            ) { reply, node in
                try reply.requireArray(of: payloads.count, from: node).map {
                    try $0.requireInteger(from: node) > 0
                }
            }
        }
    }

    /// ``SetCache/random(_:)`` as an operation.
    public final func choosing(_ count: Int) -> CacheOperation<[Element]> {
        operation {
            guard count >= 0 else {
                throw CachesError(
                    .invalidArgument, "\(count) elements can't be chosen.", advice: "Ask for 0 or more.")
            }
            return CacheCommand("SRANDMEMBER", [.number(count)], idempotent: true, whenOut: .miss([])) {
                self.elements(of: try $0.requireArray(from: $1))
            }
        }
    }

    /// ``SetCache/count`` as an operation.
    public final func counting() -> CacheOperation<Int> {
        operation {
            CacheCommand("SCARD", idempotent: true, whenOut: .miss(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``SetCache/copy()`` as an operation.
    public final func copying() -> CacheOperation<Set<Element>> {
        operation {
            CacheCommand("SMEMBERS", idempotent: true, whenOut: .miss([])) {
                Set(self.elements(of: try $0.requireArray(from: $1)))
            }
        }
    }

    /// Elements as they are stored.
    final func payloads(_ elements: some Sequence<Element>) throws(CachesError) -> [Payload] {
        var payloads: [Payload] = []
        payloads.reserveCapacity(elements.underestimatedCount)
        for element in elements { payloads.append(try encode(Self.normalize(element))) }
        return payloads
    }

    /// The elements of a list; those that can't be decoded are left out, and counted.
    final func elements(of list: ReplyArray) -> [Element] {
        list.compactMap { reply in
            guard case .string(let bytes) = reply else { return nil }
            return decode(Element.self, from: bytes).map(Self.normalize)
        }
    }
}
