package import CachesTransport

/// Sees to it that an iteration by cursors (`SCAN` and its kin) ends, whatever the server answers.
///
/// A server decides by itself when the last page has come, and one that is wrong, or means harm, never says so. Two
/// things end it then:
///
/// - **A cursor that comes a second time.** The pages between are the same for ever. Redis and Valkey count cursors up,
///   with their bits in reverse, so that none comes twice, also while a table grows or shrinks. It is found without
///   remembering them all: one cursor is kept, another one after twice as many steps (R. P. Brent, "An improved Monte
///   Carlo factorization algorithm", 1980), so that a circle is noticed after three times its length at the latest.
/// - **Very many pages.** No bound follows from how many keys there are: they may become more meanwhile, and a table from
///   which most were removed has as many places as before. So it is a number that no real server reaches: four billion
///   places looked at, which is what half a terabyte of the smallest keys takes, and four million round trips besides.
///
/// A value without I/O.
package struct CursorTrail: Sendable {
    /// So many places may be looked at…
    static let mostPlaces = 1 << 32

    /// … and so many round trips, before it is taken for endless.
    static let mostSteps = 1 << 22

    private let pageSize: Int
    private let mostSteps: Int

    private var steps = 0
    private var kept: String?
    private var nextKept = 1

    /// - Parameters:
    ///   - pageSize: How many places a server is asked to look at in a step (`COUNT`), 1 or more.
    ///   - mostSteps: How many steps there may be, where that is known better. nil: as above.
    package init(pageSize: Int, mostSteps: Int? = nil) {
        self.pageSize = max(1, pageSize)
        self.mostSteps = mostSteps ?? max(Self.mostSteps, Self.mostPlaces / self.pageSize)
    }

    /// The server has given a cursor to go on with, which is not that of the end.
    /// - Throws: ``CachesError`` of code `protocolViolation` if it would not end.
    package mutating func goOn(at cursor: String, of server: String) throws(CachesError) {
        steps += 1
        guard cursor != kept else {
            throw CachesError(
                .protocolViolation,
                "The server gave the cursor \(cursor) twice, so that reading page by page would never end.",
                advice: Self.advice, node: server)
        }
        guard steps <= mostSteps else {
            throw CachesError(
                .protocolViolation, "Reading page by page has not come to its end after \(mostSteps) pages.",
                advice: Self.advice, node: server)
        }
        guard steps == nextKept else { return }
        kept = cursor
        nextKept *= 2
    }

    private static let advice =
        "Is there a proxy before the server that answers for it, or for several? Give each of them a DSN of its own."
}
