import Testing

@testable import CachesCluster

/// How many servers tables may bring in.
@Suite struct NewcomersTests {
    private let now = ContinuousClock.now

    @Test("As many as a table has twice over, and then a quarter a minute")
    func bound() {
        var newcomers = Newcomers(most: 100)
        #expect(newcomers.admit(100, now: now) == true)
        #expect(newcomers.admit(100, now: now) == true)
        #expect(newcomers.admit(1, now: now) == false)
        #expect(newcomers.admit(25, now: now + .seconds(61)) == true)
        #expect(newcomers.admit(25, now: now + .seconds(61)) == false)
        #expect(newcomers.admit(200, now: now + .seconds(600)) == true)
    }

    @Test("A table that is refused takes nothing from later ones")
    func refused() {
        var newcomers = Newcomers(most: 10)
        for _ in 0..<1000 { #expect(newcomers.admit(21, now: now) == false) }
        #expect(newcomers.admit(20, now: now) == true)
    }

    @Test("A table that brings in no server is always taken")
    func nobody() {
        var newcomers = Newcomers(most: 1)
        #expect(newcomers.admit(2, now: now) == true)
        for _ in 0..<1000 { #expect(newcomers.admit(0, now: now) == true) }
    }
}
