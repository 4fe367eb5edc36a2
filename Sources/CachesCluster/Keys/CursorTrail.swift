package import CachesTransport

/// Ensures that an iteration by cursors (`SCAN` and its kin) ends, whatever the server answers.
///
/// The server alone decides when the last page has come; a faulty or malicious server never says so. Two
/// checks end the iteration then:
///
/// - **A cursor that comes a second time.** The pages between repeat for ever. Redis and Valkey count cursors
///   up, with their bits in reverse, so that no cursor comes twice, even while a table grows or shrinks. A
///   repetition is found without remembering all cursors: one cursor is kept, another one after twice as many
///   steps (R. P. Brent, "An improved Monte Carlo factorization algorithm", 1980), so that a cycle is noticed
///   after three times its length at the latest.
/// - **Very many pages.** The number of keys gives no bound: keys may be added meanwhile, and a table from
///   which most keys were removed has as many places as before. So the bound is a number that no real server
///   reaches: four billion places, which half a terabyte of the smallest keys takes, and also four million
///   round trips.
///
/// A value without I/O.
package struct CursorTrail: Sendable {
    /// The maximum of places to look at…
    static let mostPlaces = 1 << 32

    /// … and of round trips, before the iteration is taken for endless.
    static let mostSteps = 1 << 22

    private let pageSize: Int
    private let mostSteps: Int

    private var steps = 0
    private var kept: String?
    private var nextKept = 1

    /// - Parameters:
    ///   - pageSize: How many places a server is asked to look at in a step (`COUNT`), 1 or more.
    ///   - mostSteps: The maximum of steps, if a better bound is known. nil: as above.
    package init(pageSize: Int, mostSteps: Int? = nil) {
        self.pageSize = max(1, pageSize)
        self.mostSteps = mostSteps ?? max(Self.mostSteps, Self.mostPlaces / self.pageSize)
    }

    /// Accepts a cursor from the server that is not the end.
    /// - Throws: ``CachesError`` of code `protocolViolation` if the iteration would not end.
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
