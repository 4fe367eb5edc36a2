import Testing

@testable import CachesTransport

@Suite struct AddressRaceTests {
    private static func address(_ last: Int) throws -> Address {
        try #require(try Resolver.literalAddresses(of: .tcp(host: "127.0.0.\(last)", port: 1))?.first)
    }

    @Test("The next address is begun after 250 ms, beside the others")
    func staggered() throws {
        let all = try (1...3).map(Self.address)
        var race = AddressRace(all)
        #expect(race.next(now: 0) == all[0])
        #expect(race.next(now: 249) == nil)
        #expect(race.next(now: 250) == all[1])
        #expect(race.next(now: 499) == nil)
        #expect(race.next(now: 500) == all[2])
        #expect(race.next(now: 10_000) == nil)
        for _ in 1...2 {
            race.failed()
            #expect(!race.isLost)
        }
        race.failed()
        #expect(race.isLost)
    }

    @Test("After one that failed the next is begun at once")
    func afterFailure() throws {
        let all = try (1...2).map(Self.address)
        var race = AddressRace(all)
        _ = race.next(now: 0)
        race.failed()
        #expect(!race.isLost)
        #expect(race.next(now: 1) == all[1])
        race.failed()
        #expect(race.next(now: 2) == nil)
        #expect(race.isLost)
    }

    @Test("A single address is begun again if it does not answer, and not if it refuses")
    func single() throws {
        let only = try Self.address(1)
        var silent = AddressRace([only])
        #expect(silent.next(now: 0) == only)
        #expect(silent.next(now: 249) == nil)
        #expect(silent.next(now: 250) == only)
        #expect(silent.next(now: 500) == nil)
        silent.failed()
        #expect(!silent.isLost)
        silent.failed()
        #expect(silent.isLost)

        var refusing = AddressRace([only])
        _ = refusing.next(now: 0)
        refusing.failed()
        #expect(refusing.next(now: 1000) == nil)
        #expect(refusing.isLost)
    }

    @Test("No address at all is lost from the start")
    func none() {
        var race = AddressRace([])
        #expect(race.next(now: 0) == nil)
        #expect(race.isLost)
    }
}
