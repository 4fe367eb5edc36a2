/// A sorted set on the servers: elements, each with a score, in the order of their scores.
///
/// ```swift
/// final class ScoreboardCache: SortedSetCache<String>, @unchecked Sendable {
///     override class var prefix: String { "scores" }
///     override class var ttl: TTL { .days(1) }
/// }
///
/// let z = ScoreboardCache("eu")
/// try await z.add("al", score: 2.5, .ifGreater)   // true: al is new, or has got a higher score
/// try await z.rank(of: "al", from: .highest)      // 0: nobody has more
/// try await z.popMin()                            // (score: 2.5, element: "al")
/// for try await (score, element) in z.descending.limit(100) { print(element, score) }
/// ```
///
/// A score is a `Double`, kept exactly; it may be infinite, but not NaN. Equal scores are in the order of
/// their elements' bytes. Elements are found by their bytes, so that a coder of its own must give equal bytes
/// for equal elements.
///
/// Every addition and increment restarts the ttl of the set, in the same atomic step, also an addition
/// whose condition kept it from writing; removals leave it. Without a ttl (``TTL/forever``), one that the set
/// may have is left as it is. A set whose last element is removed is gone, its ttl too.
///
/// Nothing is kept in the object: every call asks the node that owns the key. See ``CacheEntry`` for
/// settings, keys and why a subclass says `@unchecked Sendable`. The server has to be Redis 6.2 or later, or
/// Valkey.
open class SortedSetCache<Element: Codable & Hashable & Sendable>: CacheEntry, @unchecked Sendable {
    /// An element with its score.
    public typealias Item = (score: Double, element: Element)

    /// Has the last word on an element, as it is written, looked for and read. Default: as it is.
    ///
    /// Normalising a normalised element must not change it.
    open class func normalize(_ element: Element) -> Element { element }

    /// Has the last word on a score, as it is added and as it is read. Default: as it is.
    ///
    /// It is not asked about the bounds of a range, nor about the number that is added to a score, which only
    /// the server knows: the sum is normalised when it is read. Normalising a score twice must give what
    /// normalising it once does.
    open class func normalize(score: Double) -> Double { score }

    // MARK: Adding

    /// Adds an element, or gives it another score.
    ///
    /// - Parameters:
    ///   - element: The element.
    ///   - score: Its score.
    ///   - condition: When it is written. Default: always.
    ///   - ttl: How long the set is kept from now on. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: Whether that has changed the set: the element is new, or has got another score. If the
    ///   connection is lost before the reply comes, the command is sent again, and false may then mean that
    ///   the first one was carried out.
    /// - Throws: ``CachesError``, of code ``CachesError/Code/invalidArgument`` if the score is NaN, and of
    ///   code `.server("WRONGTYPE")` if there is no sorted set at the key; nothing has been written then.
    ///   `CancellationError` if the task is cancelled.
    @discardableResult
    public final func add(
        _ element: Element, score: Double, _ condition: AddCondition = .always, ttl: TTL? = nil
    ) async throws -> Bool {
        try await run(adding(element, score: score, condition, ttl: ttl))
    }

    /// Adds elements, or gives them other scores, all in one atomic command.
    ///
    /// Of an element that is given twice, the last score counts.
    ///
    /// - Returns: How many times an element was new or got another score.
    /// - Throws: As ``add(_:score:_:ttl:)``; one score that is NaN, and nothing is written.
    @discardableResult
    public final func add(
        contentsOf items: [Item], _ condition: AddCondition = .always, ttl: TTL? = nil
    ) async throws -> Int {
        try await run(adding(contentsOf: items, condition, ttl: ttl))
    }

    /// Adds elements, or gives them other scores, all in one atomic command.
    ///
    /// - Parameter scores: The scores by element.
    /// - Returns: How many elements were new or got another score.
    /// - Throws: As ``add(_:score:_:ttl:)``; one score that is NaN, and nothing is written.
    @discardableResult
    public final func add(
        contentsOf scores: [Element: Double], _ condition: AddCondition = .always, ttl: TTL? = nil
    ) async throws -> Int {
        try await add(contentsOf: scores.map { ($0.value, $0.key) }, condition, ttl: ttl)
    }

    /// Adds to the score of an element, atomically; one that is not there begins with 0.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, whether it was carried out
    /// is not known. A ttl makes the command a script, for which an ACL user needs `+eval`.
    ///
    /// - Parameters:
    ///   - element: The element.
    ///   - amount: The amount to add; it may be negative.
    ///   - ttl: How long the set is kept from now on. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The new score.
    /// - Throws: As ``add(_:score:_:ttl:)``; code `.server("ERR")` if an infinite score would be taken from
    ///   itself, which is NaN. Nothing has been changed then.
    @discardableResult
    public final func increment(
        _ element: Element, by amount: Double = 1, ttl: TTL? = nil
    ) async throws -> Double {
        try await run(incrementing(element, by: amount, ttl: ttl))
    }

    /// Subtracts from the score of an element, atomically. See ``increment(_:by:ttl:)``.
    @discardableResult
    public final func decrement(
        _ element: Element, by amount: Double = 1, ttl: TTL? = nil
    ) async throws -> Double {
        try await increment(element, by: -amount, ttl: ttl)
    }

    // MARK: Removing

    /// Removes an element, if it is there.
    ///
    /// - Returns: Whether it was in the set. If the connection is lost before the reply comes, the command is
    ///   sent again, and false may then mean that the first one was carried out.
    /// - Throws: ``CachesError``, of code `.server("WRONGTYPE")` if there is no sorted set at the key;
    ///   `CancellationError` if the task is cancelled.
    @discardableResult
    public final func remove(_ element: Element) async throws -> Bool {
        try await run(removing(element))
    }

    /// Removes elements, all in one atomic command.
    ///
    /// - Returns: How many of them were in the set.
    /// - Throws: As ``remove(_:)``.
    @discardableResult
    public final func remove(contentsOf elements: some Sequence<Element>) async throws -> Int {
        try await run(removing(contentsOf: elements))
    }

    /// Removes the elements with some ranks, all in one atomic command.
    ///
    /// ```swift
    /// try await z.remove(ranks: 100..., from: .highest)   // keeps the best hundred
    /// ```
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, whether it was carried out
    /// is not known.
    ///
    /// - Parameters:
    ///   - ranks: A range of ranks, which begin at 0.
    ///   - end: Where they are counted from. Default: the lowest score.
    /// - Returns: How many elements it removed.
    /// - Throws: As ``remove(_:)``; code ``CachesError/Code/invalidArgument`` for a negative rank.
    @discardableResult
    public final func remove(
        ranks: some RangeExpression<Int>, from end: SortedSetEnd = .lowest
    ) async throws -> Int {
        try await run(removing(ranks: ranks, from: end))
    }

    /// Removes the elements with scores in a range, all in one atomic command.
    ///
    /// - Parameter scores: A range of scores, see ``ScoreRange``.
    /// - Returns: How many elements it removed. If the connection is lost before the reply comes, the command
    ///   is sent again, and elements that the first one removed are then not counted.
    /// - Throws: As ``remove(_:)``; code ``CachesError/Code/invalidArgument`` for a bound that is NaN.
    @discardableResult
    public final func remove(in scores: some ScoreRangeExpression) async throws -> Int {
        try await run(removing(in: scores))
    }

    /// Removes the element with the lowest score and returns it; nil if the set is empty.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, an element may be gone.
    ///
    /// - Throws: As ``remove(_:)``, and code ``CachesError/Code/decoding`` if the removed one is not a valid
    ///   `Element`.
    public final func popMin() async throws -> Item? { try await run(poppingMin()) }

    /// Removes the `count` elements with the lowest scores and returns them, the lowest first: fewer if the
    /// set has fewer.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, elements may be gone. So is
    /// what was removed and is no `Element`: it is left out, and counted (``CacheCounters/undecodable``),
    /// since an error would lose the others, too.
    ///
    /// - Throws: As ``remove(_:)``; code ``CachesError/Code/decoding`` if elements were removed and none of
    ///   them is an `Element`; code ``CachesError/Code/invalidArgument`` if `count` is negative.
    public final func popMin(_ count: Int) async throws -> [Item] {
        try await run(poppingMin(count))
    }

    /// Removes the element with the highest score and returns it; nil if the set is empty. See ``popMin()``.
    public final func popMax() async throws -> Item? { try await run(poppingMax()) }

    /// Removes the `count` elements with the highest scores and returns them, the highest first. See
    /// ``popMin(_:)``.
    public final func popMax(_ count: Int) async throws -> [Item] {
        try await run(poppingMax(count))
    }
}
