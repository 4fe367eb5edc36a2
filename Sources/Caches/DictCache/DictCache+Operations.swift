// The command of each operation, and the meaning of its reply.
// (https://redis.io/docs/latest/commands/?group=hash)

extension DictCache {
    /// ``DictCache/get(_:)`` as an operation.
    public final func getting(_ field: Field) -> CacheOperation<Value?> {
        operation {
            CacheCommand("HGET", [try payload(field)], idempotent: true, whenOut: .miss(nil)) { reply, node in
                try reply.requireBytes(from: node).flatMap { self.value(from: $0) }
            }
        }
    }

    /// ``DictCache/getOrThrow(_:)`` as an operation.
    public final func gettingOrThrow(_ field: Field) -> CacheOperation<Value?> {
        operation {
            CacheCommand("HGET", [try payload(field)], idempotent: true, whenOut: .miss(nil)) { reply, node in
                try reply.requireBytes(from: node).map { try self.valueOrThrow(from: $0, of: node) }
            }
        }
    }

    /// ``DictCache/getMany(_:)`` as an operation.
    public final func gettingMany(_ fields: some Sequence<Field>) -> CacheOperation<[Value?]> {
        operation {
            let payloads = try payloads(fields)
            return CacheCommand(
                "HMGET", items: payloads, idempotent: true,
                whenOut: .miss(Array(repeating: nil, count: payloads.count))
            ) { reply, node in
                try reply.requireArray(of: payloads.count, from: node).map {
                    try $0.requireBytes(from: node).flatMap { self.value(from: $0) }
                }
            }
        }
    }

    /// ``DictCache/contains(_:)`` as an operation.
    public final func containing(_ field: Field) -> CacheOperation<Bool> {
        operation {
            CacheCommand("HEXISTS", [try payload(field)], idempotent: true, whenOut: .miss(false)) {
                try $0.requireInteger(from: $1) > 0
            }
        }
    }

    /// ``DictCache/count`` as an operation.
    public final func counting() -> CacheOperation<Int> {
        operation {
            CacheCommand("HLEN", idempotent: true, whenOut: .miss(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``DictCache/random()`` as an operation.
    public final func choosing() -> CacheOperation<(field: Field, value: Value)?> {
        operation {
            CacheCommand("HRANDFIELD", ["1", "WITHVALUES"], idempotent: true, whenOut: .miss(nil)) {
                self.pairs(of: try $0.requireArray(from: $1)).first
            }
        }
    }

    /// ``DictCache/copy()`` as an operation.
    public final func copying() -> CacheOperation<[Field: Value]> {
        operation {
            CacheCommand("HGETALL", idempotent: true, whenOut: .miss([:])) {
                // Fields that were different may be normalised to the same.
                Dictionary(
                    self.pairs(of: try $0.requireArray(from: $1)).lazy.map { ($0, $1) },
                    uniquingKeysWith: { first, _ in first })
            }
        }
    }

    final func updateCommand(
        _ pairs: some Sequence<(Field, Value)>, ttl: TTL?
    ) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand(
            writing: "HSET", items: try payloads(pairs), milliseconds: try milliseconds(ttl),
            idempotent: true, whenOut: .drop(0)
        ) { try $0.requireNumber(.count, from: $1) }
    }

    /// ``DictCache/setIfAbsent(_:to:ttl:)`` as an operation.
    public final func settingIfAbsent(
        _ field: Field, to value: Value, ttl: TTL? = nil
    ) -> CacheOperation<Bool> {
        operation {
            // Sent twice, the second would tell the one that wrote that another did.
            let pair = CollectionOfOne((field, value))
            guard let milliseconds = try milliseconds(ttl) else {
                return CacheCommand("HSETNX", try payloads(pair), idempotent: false, whenOut: .drop(false)) {
                    try $0.requireInteger(from: $1) > 0
                }
            }
            return try addAbsentCommand(pair, milliseconds: milliseconds, idempotent: false).map { $0 > 0 }
        }
    }

    final func addAbsentCommand(
        _ pairs: some Sequence<(Field, Value)>, milliseconds: Int64?, idempotent: Bool
    ) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand(
            script: Script.setAbsentFields, [.text(milliseconds.map { String($0) } ?? "")],
            items: try payloads(pairs), idempotent: idempotent, whenOut: .drop(0)
        ) { try $0.requireNumber(.count, from: $1) }
    }

    /// ``DictCache/set(_:to:ttl:)`` as an operation.
    public final func setting(_ field: Field, to value: Value, ttl: TTL? = nil) -> CacheOperation<Bool> {
        updating(with: CollectionOfOne((field, value)), ttl: ttl).map { $0 > 0 }
    }

    /// ``DictCache/update(with:ttl:)`` as an operation.
    public final func updating(
        with pairs: some Sequence<(Field, Value)>, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        merging(pairs, keeping: .new, ttl: ttl)
    }

    /// ``DictCache/update(with:ttl:)`` as an operation.
    public final func updating(with dictionary: [Field: Value], ttl: TTL? = nil) -> CacheOperation<Int> {
        merging(dictionary, keeping: .new, ttl: ttl)
    }

    /// ``DictCache/remove(_:)`` as an operation.
    public final func removing(_ field: Field) -> CacheOperation<Bool> {
        removing(contentsOf: CollectionOfOne(field)).map { $0 > 0 }
    }

    /// ``DictCache/remove(contentsOf:)`` as an operation.
    public final func removing(contentsOf fields: some Sequence<Field>) -> CacheOperation<Int> {
        operation {
            CacheCommand("HDEL", items: try payloads(fields), idempotent: true, whenOut: .drop(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``DictCache/pop(_:)`` as an operation.
    public final func popping(_ field: Field) -> CacheOperation<Value?> {
        operation {
            CacheCommand(script: Script.popField, [try payload(field)], idempotent: false) { reply, node in
                try reply.requireBytes(from: node).map { try self.valueOrThrow(from: $0, of: node) }
            }
        }
    }

    /// ``DictCache/popRandom()`` as an operation.
    public final func poppingRandom() -> CacheOperation<(field: Field, value: Value)?> {
        operation {
            CacheCommand(script: Script.popRandomField, idempotent: false) { reply, node in
                guard let pair = try reply.requireArray(from: node).pairs.first else { return nil }
                let field = try self.decodeOrThrow(
                    Field.self, from: pair.field, of: node, by: Self.fieldCoder)
                return (Self.normalize(field: field), try self.valueOrThrow(from: pair.value, of: node))
            }
        }
    }
}

// MARK: - Fields and values as they are stored

extension DictCache {
    final func payload(_ field: Field) throws(CachesError) -> Payload {
        try encode(Self.normalize(field: field), by: Self.fieldCoder)
    }

    final func payloads(_ fields: some Sequence<Field>) throws(CachesError) -> [Payload] {
        var payloads: [Payload] = []
        payloads.reserveCapacity(fields.underestimatedCount)
        for field in fields { payloads.append(try payload(field)) }
        return payloads
    }

    /// Fields and values in turn.
    final func payloads(_ pairs: some Sequence<(Field, Value)>) throws(CachesError) -> [Payload] {
        var payloads: [Payload] = []
        payloads.reserveCapacity(2 * pairs.underestimatedCount)
        for (field, value) in pairs {
            payloads.append(try payload(field))
            payloads.append(try encode(Self.normalize(value)))
        }
        return payloads
    }

    /// A field, or nil if it can't be decoded, which is counted.
    final func field(from bytes: Bytes) -> Field? {
        decode(Field.self, from: bytes, by: Self.fieldCoder).map { Self.normalize(field: $0) }
    }

    /// A value, or nil if it can't be decoded, which is counted.
    final func value(from bytes: Bytes) -> Value? {
        decode(Value.self, from: bytes).map { Self.normalize($0) }
    }

    private func valueOrThrow(from bytes: Bytes, of source: any ReplySource) throws(CachesError) -> Value {
        Self.normalize(try decodeOrThrow(Value.self, from: bytes, of: source))
    }

    /// The pairs of a list of fields and values in turn; those that can't be decoded are left out, and
    /// counted.
    final func pairs(of list: ReplyArray) -> [(field: Field, value: Value)] {
        list.pairs.compactMap { pair in
            guard let field = field(from: pair.field), let value = value(from: pair.value) else { return nil }
            return (field, value)
        }
    }
}

extension ReplyArray {
    /// A list of fields and values in turn, two by two.
    var pairs: [(field: Bytes, value: Bytes)] {
        var pairs: [(field: Bytes, value: Bytes)] = []
        pairs.reserveCapacity(count / 2)
        var words = makeIterator()
        while let field = words.next()?.bytes, let value = words.next()?.bytes {
            pairs.append((field, value))
        }
        return pairs
    }
}
