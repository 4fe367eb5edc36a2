import Testing

@testable import CachesTransport

@Suite struct AddressMemoryTests {
    private static func address(_ last: Int) throws -> Address {
        try #require(try Resolver.literalAddresses(of: .tcp(host: "127.0.0.\(last)", port: 1))?.first)
    }

    private static let name = LookUps.Name(host: "cache.test", port: 1)

    @Test("The address that worked last is tried first, and the one that failed last is tried last")
    func order() throws {
        let all = try (1...3).map(Self.address)
        var memory = AddressMemory()
        #expect(memory.sorted(all, of: Self.name) == all)
        memory.worked(all[2], of: Self.name)
        #expect(memory.sorted(all, of: Self.name) == [all[2], all[0], all[1]])
        memory.failed(all[0], of: Self.name)
        #expect(memory.sorted(all, of: Self.name) == [all[2], all[1], all[0]])
        memory.failed(all[2], of: Self.name)
        #expect(memory.good(of: Self.name) == nil)
        #expect(memory.sorted(all, of: Self.name) == [all[0], all[1], all[2]])
        memory.worked(all[2], of: Self.name)
        #expect(memory.sorted(all, of: Self.name) == [all[2], all[0], all[1]])
        // An address that the name no longer leads to is not tried.
        #expect(memory.sorted([all[0], all[1]], of: Self.name) == [all[0], all[1]])
        #expect(memory.sorted(all, of: LookUps.Name(host: "cache.test", port: 2)) == all)
    }

    @Test("It remembers a bounded number of names")
    func bounded() throws {
        var memory = AddressMemory()
        let address = try Self.address(1)
        let names = (0..<AddressMemory.capacity + 100).map { LookUps.Name(host: "h\($0)", port: 1) }
        for name in names { memory.worked(address, of: name) }
        #expect(names.count { memory.good(of: $0) != nil } == AddressMemory.capacity)
        #expect(memory.good(of: names[names.count - 1]) == address)
    }
}
