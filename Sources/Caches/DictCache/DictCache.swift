/// A dictionary on the servers, in a hash.
///
/// ```swift
/// final class ProfileCache: DictCache<String, Profile>, @unchecked Sendable {
///     override class var prefix: String { "profiles" }
///     override class var ttl: TTL { .days(1) }
/// }
///
/// let profiles = ProfileCache("42")
/// try await profiles.set("al", to: profile)         // true: it was not there
/// let profile = try await profiles["al"]            // nil: not there
/// try await profiles.update(with: ["bo": bo, "cy": cy])
/// let gone = try await profiles.pop("bo")
/// for try await (name, profile) in profiles.items { print(name, profile) }
/// ```
///
/// **The ttl** is the whole dictionary's, not a field's. Every write restarts it, in the same atomic step:
/// setting, updating, counting, and ``setIfAbsent(_:to:ttl:)`` if it wrote. Reading and removing leave it. A
/// dictionary whose last field is removed is gone, its ttl too.
///
/// **Fields** are found by their bytes, which ``fieldCoder`` makes; ``CacheEntry/coder`` makes those of
/// values.
///
/// Nothing is kept in the object: every call asks the node that owns the key. See ``CacheEntry`` for
/// settings, keys and why a subclass says `@unchecked Sendable`.
open class DictCache<Field: Codable & Hashable & Sendable, Value: Codable & Sendable>: CacheEntry,
    @unchecked Sendable
{
    /// How fields become bytes. Default: ``StandardCoder``, whatever the coder of the values is.
    ///
    /// It must give equal bytes for equal fields: one that encrypts with a nonce is for values only.
    open class var fieldCoder: any CacheCoder { StandardCoder() }

    /// Has the last word on a field, as it is written, looked for and read. Default: as it is.
    ///
    /// Normalising a normalised field must not change it.
    open class func normalize(field: Field) -> Field { field }

    /// Has the last word on a value, as it is stored and as it is read. Default: as it is.
    ///
    /// Normalising a normalised value must not change it.
    open class func normalize(_ value: Value) -> Value { value }

    // MARK: Reading

    /// The value of a field, or nil if it is missing: ``get(_:)``.
    public final subscript(field: Field) -> Value? { get async throws { try await get(field) } }

    /// The value of a field, or nil if it is missing.
    ///
    /// A value that can't be decoded counts as missing, and is counted (``CacheCounters/undecodable``).
    ///
    /// - Throws: ``CachesError``, of code `.server("WRONGTYPE")` if there is no dictionary at the key;
    ///   `CancellationError` if the task is cancelled.
    public final func get(_ field: Field) async throws -> Value? { try await run(getting(field)) }

    /// The value of a field, or nil if it is missing; a value that can't be decoded is an error.
    ///
    /// - Throws: As ``get(_:)``, and code ``CachesError/Code/decoding`` if there is something else than a
    ///   `Value`.
    public final func getOrThrow(_ field: Field) async throws -> Value? {
        try await run(gettingOrThrow(field))
    }

    /// The value of a field, or `other` if it is missing.
    ///
    /// - Throws: As ``get(_:)``; and what `other` throws.
    public final func get(
        _ field: Field, default other: @autoclosure () throws -> Value
    ) async throws -> Value {
        if let value = try await get(field) { value } else { try other() }
    }

    /// The values of many fields, in the order asked, in one command; nil for missing ones.
    ///
    /// A value that can't be decoded counts as missing, and is counted.
    /// - Throws: As ``get(_:)``.
    public final func getMany(_ fields: some Sequence<Field>) async throws -> [Value?] {
        try await run(gettingMany(fields))
    }

    /// Whether a field is there.
    /// - Throws: As ``get(_:)``.
    public final func contains(_ field: Field) async throws -> Bool { try await run(containing(field)) }

    /// How many fields there are; 0 if there is no dictionary.
    ///
    /// Items that can't be decoded count, too.
    /// - Throws: As ``get(_:)``.
    public final var count: Int { get async throws { try await run(counting()) } }

    /// Whether there is no field.
    /// - Throws: As ``get(_:)``.
    public final var isEmpty: Bool { get async throws { try await count == 0 } }

    /// Some field with its value, at random; nil if the dictionary is empty, or if what was chosen can't be
    /// decoded. Needs Redis 6.2.
    /// - Throws: As ``get(_:)``.
    public final func random() async throws -> (field: Field, value: Value)? {
        try await run(choosing())
    }

    /// All fields with their values, in one command and at one moment: for dictionaries that fit into memory,
    /// and that the server may write out in one piece. ``items`` is for large ones.
    ///
    /// Items that can't be decoded are left out, and counted.
    /// - Throws: As ``get(_:)``.
    public final func copy() async throws -> [Field: Value] { try await run(copying()) }

    // MARK: Writing

    /// Gives a field its value.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - value: Its value.
    ///   - ttl: How long the dictionary is kept from now on. nil: as ``CacheEntry/ttl`` says. Without a ttl
    ///     (``TTL/forever``), one that the dictionary may have is left as it is.
    /// - Returns: Whether the field was not there. If the connection is lost before the reply comes, the
    ///   command is sent again, and false may then mean that the first one was carried out.
    /// - Throws: As ``get(_:)``.
    @discardableResult
    public final func set(_ field: Field, to value: Value, ttl: TTL? = nil) async throws -> Bool {
        try await run(setting(field, to: value, ttl: ttl))
    }

    /// Gives a field its value unless it has one: of many callers, exactly one is told that it wrote.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, whether it was carried out
    /// is not known.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - value: Its value, if it is missing.
    ///   - ttl: As of ``set(_:to:ttl:)``; the ttl does not restart if nothing is written.
    /// - Returns: Whether it was written.
    /// - Throws: As ``get(_:)``.
    @discardableResult
    public final func setIfAbsent(_ field: Field, to value: Value, ttl: TTL? = nil) async throws -> Bool {
        try await run(settingIfAbsent(field, to: value, ttl: ttl))
    }

    /// Removes a field, if it is there.
    ///
    /// - Returns: Whether it was there. If the connection is lost before the reply comes, the command is sent
    ///   again, and false may then mean that the first one was carried out.
    /// - Throws: As ``get(_:)``.
    @discardableResult
    public final func remove(_ field: Field) async throws -> Bool {
        try await run(removing(field))
    }

    /// Removes fields, all in one atomic command.
    ///
    /// - Returns: How many of them were there.
    /// - Throws: As ``get(_:)``.
    @discardableResult
    public final func remove(contentsOf fields: some Sequence<Field>) async throws -> Int {
        try await run(removing(contentsOf: fields))
    }

    /// Removes a field and returns its value, in one atomic step; nil if it is not there.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, the field may be gone. It is
    /// a script, for which an ACL user needs `+eval`.
    ///
    /// - Throws: As ``get(_:)``, and code ``CachesError/Code/decoding`` if the removed value is not a
    ///   `Value`.
    public final func pop(_ field: Field) async throws -> Value? { try await run(popping(field)) }

    /// Removes a field and returns its value, or `other` if it is not there.
    ///
    /// - Throws: As ``pop(_:)``; and what `other` throws.
    public final func pop(
        _ field: Field, default other: @autoclosure () throws -> Value
    ) async throws -> Value {
        if let value = try await pop(field) { value } else { try other() }
    }

    /// Removes some field, at random, and returns it with its value, in one atomic step; nil if the
    /// dictionary is empty. Needs Redis 6.2.
    ///
    /// - Throws: As ``pop(_:)``, also if the removed field is not a `Field`.
    public final func popRandom() async throws -> (field: Field, value: Value)? {
        try await run(poppingRandom())
    }
}
