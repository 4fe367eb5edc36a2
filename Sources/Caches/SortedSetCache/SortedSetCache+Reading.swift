// Elements that can't be decoded have a rank and count; where elements are returned, they are left out and
// counted (`CacheCounters.undecodable`).

extension SortedSetCache {
    // MARK: Of elements

    /// The score of an element; nil if it is not in the set.
    ///
    /// - Throws: ``CachesError``, of code `.server("WRONGTYPE")` if there is no sorted set at the key;
    ///   `CancellationError` if the task is cancelled.
    public final func score(of element: Element) async throws -> Double? {
        try await run(scoring(of: element))
    }

    /// The scores of some elements in the order asked, nil for each that is not in the set, in one command.
    /// - Throws: As ``score(of:)``.
    public final func scores(of elements: some Sequence<Element>) async throws -> [Double?] {
        try await run(scoringMany(elements))
    }

    /// Whether an element is in the set.
    /// - Throws: As ``score(of:)``.
    public final func contains(_ element: Element) async throws -> Bool {
        try await run(containing(element))
    }

    /// How many elements are nearer to an end of the set than an element; nil if it is not in the set.
    ///
    /// - Parameters:
    ///   - element: The element.
    ///   - end: Where ranks are counted from. Default: the lowest score.
    /// - Throws: As ``score(of:)``.
    public final func rank(
        of element: Element, from end: SortedSetEnd = .lowest
    ) async throws -> Int? {
        try await run(ranking(of: element, from: end))
    }

    // MARK: Of the set

    /// How many elements there are; 0 if there is no set. Items that can't be decoded count, too.
    /// - Throws: As ``score(of:)``.
    public final var count: Int { get async throws { try await run(counting()) } }

    /// Whether there is no element.
    /// - Throws: As ``score(of:)``.
    public final var isEmpty: Bool { get async throws { try await count == 0 } }

    /// How many elements have scores in a range, see ``ScoreRange``. Items that can't be decoded count, too.
    /// - Throws: As ``score(of:)``; code ``CachesError/Code/invalidArgument`` for a bound that is NaN.
    public final func count(in scores: some ScoreRangeExpression) async throws -> Int {
        try await run(counting(in: scores))
    }

    /// The element with the lowest score; nil if the set is empty, or if it can't be decoded, which is
    /// counted.
    /// - Throws: As ``score(of:)``.
    public final var first: Item? { get async throws { try await run(findingFirst()) } }

    /// The element with the highest score; nil if the set is empty, or if it can't be decoded, which is
    /// counted.
    /// - Throws: As ``score(of:)``.
    public final var last: Item? { get async throws { try await run(findingLast()) } }

    /// Some element, at random; nil if the set is empty, or if it can't be decoded, which is counted.
    /// - Throws: As ``score(of:)``.
    public final func random() async throws -> Item? { try await run(choosing(1)).first }

    /// Some different elements, at random and in any order, at most `count`: fewer if the set has fewer.
    /// - Throws: As ``score(of:)``; code ``CachesError/Code/invalidArgument`` if `count` is negative.
    public final func random(_ count: Int) async throws -> [Item] { try await run(choosing(count)) }

    // MARK: In order

    /// The elements with some ranks, in order, in one command.
    ///
    /// ```swift
    /// try await z.items(ranks: 0..<10, from: .highest)   // the best ten, the best first
    /// ```
    ///
    /// - Parameters:
    ///   - ranks: A range of ranks, which begin at 0. Where it goes beyond the set, there are fewer elements.
    ///   - end: Where ranks are counted from, and the list begins. Default: the lowest score.
    /// - Throws: As ``score(of:)``; code ``CachesError/Code/invalidArgument`` for a negative rank.
    public final func items(
        ranks: some RangeExpression<Int>, from end: SortedSetEnd = .lowest
    ) async throws -> [Item] {
        try await run(listing(ranks: ranks, from: end))
    }

    /// The elements with scores in a range, in order, in one command.
    ///
    /// - Parameters:
    ///   - scores: A range of scores, see ``ScoreRange``.
    ///   - end: Where the list begins. Default: the lowest score.
    ///   - offset: How many elements of the range are skipped, those that can't be decoded among them.
    ///     Default 0.
    ///   - limit: How many elements are read at most. nil: all that follow.
    /// - Throws: As ``score(of:)``; code ``CachesError/Code/invalidArgument`` for a bound that is NaN, and
    ///   for a negative offset or limit.
    public final func items(
        in scores: some ScoreRangeExpression, from end: SortedSetEnd = .lowest, offset: Int = 0,
        limit: Int? = nil
    ) async throws -> [Item] {
        try await run(listing(in: scores, from: end, offset: offset, limit: limit))
    }

    /// The elements from the lowest score to the highest, read batch by batch. See ``SortedSetSequence`` for
    /// how to read some of them, and for the promises while others write.
    public final var ascending: SortedSetSequence<Element> { SortedSetSequence(self, from: .lowest) }

    /// The elements from the highest score to the lowest, read batch by batch. See ``SortedSetSequence`` for
    /// how to read some of them, and for the promises while others write.
    public final var descending: SortedSetSequence<Element> { SortedSetSequence(self, from: .highest) }

    /// All elements in order, the lowest score first, in one command and at one moment: for sets that fit
    /// into memory, and that the server may write out in one piece. ``ascending`` is for large ones.
    ///
    /// Items that can't be decoded are left out, and counted.
    /// - Throws: As ``score(of:)``.
    public final func copy() async throws -> [Item] { try await run(copying()) }
}
