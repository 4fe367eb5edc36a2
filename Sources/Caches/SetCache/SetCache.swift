/// A set on the servers, used as a `Set` is.
///
/// ```swift
/// final class SeenCache: SetCache<String>, @unchecked Sendable {
///     override class var prefix: String { "seen" }
///     override class var ttl: TTL { .days(1) }
/// }
///
/// let seen = SeenCache("2026-11-24")
/// try await seen.insert("al")             // true: it was not there
/// try await seen.contains("al")           // true
/// try await seen.subtracting(SeenCache("2026-11-23"))
/// for try await name in seen.elements { print(name) }
/// ```
///
/// Every insertion restarts the ttl of the set, in the same atomic step; removals leave it. A set whose
/// last element is removed is gone, its ttl too. Elements are found by their bytes, so that a coder of its
/// own must give equal bytes for equal elements.
///
/// Nothing is kept in the object: every call asks the node that owns the key. See ``CacheEntry`` for
/// settings, keys and why a subclass says `@unchecked Sendable`.
open class SetCache<Element: Codable & Hashable & Sendable>: CacheEntry, @unchecked Sendable {
    /// Has the last word on an element, as it is written, looked for and read. Default: as it is.
    ///
    /// Normalising a normalised element must not change it.
    open class func normalize(_ element: Element) -> Element { element }

    // MARK: Writing

    /// Adds an element.
    ///
    /// - Parameters:
    ///   - element: The element.
    ///   - ttl: How long the set is kept from now on. nil: as ``CacheEntry/ttl`` says. Without a ttl
    ///     (``TTL/forever``), one that the set may have is left as it is.
    /// - Returns: Whether it was not in the set. If the connection is lost before the reply comes, the
    ///   command is sent again, and false may then mean that the first one was carried out.
    /// - Throws: ``CachesError``, of code `.server("WRONGTYPE")` if there is no set at the key;
    ///   `CancellationError` if the task is cancelled.
    @discardableResult
    public final func insert(_ element: Element, ttl: TTL? = nil) async throws -> Bool {
        try await run(inserting(element, ttl: ttl))
    }

    /// Adds elements, all in one atomic command.
    ///
    /// - Returns: How many of them were not in the set.
    /// - Throws: As ``insert(_:ttl:)``.
    @discardableResult
    public final func insert(
        contentsOf elements: some Sequence<Element>, ttl: TTL? = nil
    ) async throws -> Int {
        try await run(inserting(contentsOf: elements, ttl: ttl))
    }

    /// Removes an element, if it is there.
    ///
    /// - Returns: Whether it was in the set. If the connection is lost before the reply comes, the command is
    ///   sent again, and false may then mean that the first one was carried out.
    /// - Throws: As ``insert(_:ttl:)``.
    @discardableResult
    public final func remove(_ element: Element) async throws -> Bool {
        try await run(removing(element))
    }

    /// Removes elements, all in one atomic command.
    ///
    /// - Returns: How many of them were in the set.
    /// - Throws: As ``insert(_:ttl:)``.
    @discardableResult
    public final func remove(contentsOf elements: some Sequence<Element>) async throws -> Int {
        try await run(removing(contentsOf: elements))
    }

    /// Removes some element, of the server's choice, and returns it; nil if the set is empty.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, an element may be gone.
    ///
    /// - Throws: As ``insert(_:ttl:)``, and code ``CachesError/Code/decoding`` if the removed one is not a
    ///   valid `Element`.
    public final func pop() async throws -> Element? { try await run(popping()) }

    // MARK: Reading

    /// Whether an element is in the set.
    /// - Throws: As ``insert(_:ttl:)``.
    public final func contains(_ element: Element) async throws -> Bool {
        try await run(containing(element))
    }

    /// Which of some elements are in the set, in the order asked, in one command.
    /// - Throws: As ``insert(_:ttl:)``.
    public final func containsMany(_ elements: some Sequence<Element>) async throws -> [Bool] {
        try await run(containingMany(elements))
    }

    /// Some element, at random; nil if the set is empty.
    /// - Throws: As ``insert(_:ttl:)``.
    public final func random() async throws -> Element? { try await run(choosing(1)).first }

    /// Some different elements, at random, at most `count`: fewer if the set has fewer.
    /// - Throws: As ``insert(_:ttl:)``; code ``CachesError/Code/invalidArgument`` if `count` is negative.
    public final func random(_ count: Int) async throws -> [Element] { try await run(choosing(count)) }

    /// How many elements there are; 0 if there is no set.
    ///
    /// Items that can't be decoded count, too.
    /// - Throws: As ``insert(_:ttl:)``.
    public final var count: Int { get async throws { try await run(counting()) } }

    /// Whether there is no element.
    /// - Throws: As ``insert(_:ttl:)``.
    public final var isEmpty: Bool { get async throws { try await count == 0 } }

    /// The elements, read batch by batch. See ``ScanSequence`` for the promises while others write.
    public final var elements: ScanSequence<Element> {
        ScanSequence(of: self, by: "SSCAN") { self.elements(of: $0) }
    }

    /// All elements, in one command and at one moment: for sets that fit into memory, and that the server may
    /// write out in one piece. ``elements`` is for large ones.
    ///
    /// Items that can't be decoded are left out, and counted.
    /// - Throws: As ``insert(_:ttl:)``.
    public final func copy() async throws -> Set<Element> { try await run(copying()) }
}
