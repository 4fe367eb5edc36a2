import CachesTransport
import Testing

@testable import CachesCluster

/// Iterations by cursors end.
@Suite struct CursorTrailTests {
    /// The number of steps until a trail says that an iteration would not end.
    private func end(of trail: CursorTrail, _ cursor: (Int) -> Int) -> (Int, CachesError)? {
        var trail = trail
        for step in 0..<1_000_000 {
            do throws(CachesError) { try trail.goOn(at: "\(cursor(step))", of: "a") } catch {
                return (step, error)
            }
        }
        return nil
    }

    @Test("A circle is found after three times its length, wherever it begins", arguments: [1, 2, 7, 1000])
    func circle(length: Int) throws {
        for start in [0, 1, 10, 5000] {
            let end = self.end(of: CursorTrail(pageSize: 10)) {
                $0 < start ? 1_000_000 + $0 : ($0 - start) % length
            }
            let (steps, error) = try #require(end)
            #expect(steps <= 3 * (start + length))
            #expect(error.code == .protocolViolation)
            #expect(error.node == "a")
            #expect(error.message.contains("twice"))
        }
    }

    @Test("Cursors that never come twice end at the bound")
    func bound() throws {
        let end = self.end(of: CursorTrail(pageSize: 10, mostSteps: 5000)) { $0 }
        let (steps, error) = try #require(end)
        #expect(steps == 5000)
        #expect(error.code == .protocolViolation)
        #expect(error.message.contains("after 5000 pages"))
        let unbound = self.end(of: CursorTrail(pageSize: 10)) { $0 }
        #expect(unbound == nil)
    }

    @Test(
        "Redis' cursors, which count with their bits in reverse, are not a circle, also while a table grows")
    func redis() throws {
        var trail = CursorTrail(pageSize: 1)
        var (cursor, steps) = (UInt64(0), 0)
        repeat {
            // As `dictScan` does: the bits above the table's are set, so that the carry falls into those
            // below.
            let mask: UInt64 = steps < 10_000 ? (1 << 15) - 1 : steps < 30_000 ? (1 << 17) - 1 : (1 << 13) - 1
            cursor = ((cursor | ~mask).reversed &+ 1).reversed
            steps += 1
            if cursor != 0 { try trail.goOn(at: "\(cursor)", of: "a") }
        } while cursor != 0
        #expect(steps > 30_000)
    }
}

extension UInt64 {
    fileprivate var reversed: UInt64 {
        (0..<64).reduce(0) { $0 | (self >> UInt64($1) & 1) << UInt64(63 - $1) }
    }
}
