// HSCAN. It returns values with the fields in every case; only since Redis 7.4 and Valkey 8 can it be told
// not to.

extension DictCache {
    /// The fields with their values, read batch by batch: see ``ScanSequence`` for the promises while
    /// others write.
    ///
    /// ```swift
    /// for try await (field, value) in profiles.items { … }
    /// for try await (field, value) in profiles.items.batchSize(100) { … }
    /// ```
    ///
    /// Items that can't be decoded are left out, and counted.
    public final var items: ScanSequence<(field: Field, value: Value)> {
        ScanSequence(of: self, by: "HSCAN") { self.pairs(of: $0) }
    }

    /// The fields, read as ``items`` are. The values travel, too, but are not decoded.
    public final var keys: ScanSequence<Field> {
        ScanSequence(of: self, by: "HSCAN") { $0.pairs.compactMap { self.field(from: $0.field) } }
    }

    /// The values, read as ``items`` are. The fields travel, too, but are not decoded.
    public final var values: ScanSequence<Value> {
        ScanSequence(of: self, by: "HSCAN") { $0.pairs.compactMap { self.value(from: $0.value) } }
    }
}
