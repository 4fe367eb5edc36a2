// What each operation sends, and what the reply means. (https://redis.io/docs/latest/commands/?group=set)

extension SetCache {
    final func inserting(
        _ elements: some Sequence<Element>, ttl: TTL?
    ) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand(
            writing: "SADD", items: try payloads(elements), milliseconds: try milliseconds(ttl),
            idempotent: true, whenOut: .drop(0)
        ) { try $0.requireNumber(.count, from: $1) }
    }

    final func removing(_ elements: some Sequence<Element>) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand("SREM", try payloads(elements), idempotent: true, whenOut: .drop(0)) {
            try $0.requireNumber(.count, from: $1)
        }
    }

    final func popping() -> CacheCommand<Element?> {
        CacheCommand("SPOP", idempotent: false) { reply, node in
            guard let bytes = try reply.requireBytes(from: node) else { return nil }
            return Self.normalize(try self.decodeOrThrow(Element.self, from: bytes, of: node))
        }
    }

    final func containing(_ element: Element) throws(CachesError) -> CacheCommand<Bool> {
        CacheCommand(
            "SISMEMBER", try payloads(CollectionOfOne(element)), idempotent: true, whenOut: .miss(false)
        ) { try $0.requireInteger(from: $1) > 0 }
    }

    final func containingMany(
        _ elements: some Sequence<Element>
    ) throws(CachesError) -> CacheCommand<[Bool]> {
        // SMISMEMBER is there since Redis 6.2.
        let payloads = try payloads(elements)
        return CacheCommand(
            "SMISMEMBER", payloads, idempotent: true,
            whenOut: .miss(Array(repeating: false, count: payloads.count))
        ) { reply, node in
            try reply.requireArray(of: payloads.count, from: node).map {
                try $0.requireInteger(from: node) > 0
            }
        }
    }

    final func choosing(_ count: Int) throws(CachesError) -> CacheCommand<[Element]> {
        guard count >= 0 else {
            throw CachesError(
                .invalidArgument, "\(count) elements can't be chosen.", advice: "Ask for 0 or more.")
        }
        return CacheCommand("SRANDMEMBER", [.number(count)], idempotent: true, whenOut: .miss([])) {
            self.elements(of: try $0.requireArray(from: $1))
        }
    }

    final func counting() -> CacheCommand<Int> {
        CacheCommand("SCARD", idempotent: true, whenOut: .miss(0)) { try $0.requireNumber(.count, from: $1) }
    }

    final func copying() -> CacheCommand<Set<Element>> {
        CacheCommand("SMEMBERS", idempotent: true, whenOut: .miss([])) {
            Set(self.elements(of: try $0.requireArray(from: $1)))
        }
    }

    /// Elements as they are stored.
    final func payloads(_ elements: some Sequence<Element>) throws(CachesError) -> [Payload] {
        var payloads: [Payload] = []
        payloads.reserveCapacity(elements.underestimatedCount)
        for element in elements { payloads.append(try encode(Self.normalize(element))) }
        return payloads
    }

    /// The elements of a list; what can't be decoded is left out, and counted.
    final func elements(of list: ReplyArray) -> [Element] {
        list.compactMap { reply in
            guard case .string(let bytes) = reply else { return nil }
            return decode(Element.self, from: bytes).map(Self.normalize)
        }
    }
}
