import ArgumentParser
import Testing

@testable import caches_fuzz
@testable import cachesctl

@Suite("The fuzzed operations")
struct RegistryTests {
    /// Operations that wait for no server, but cause questions to servers later.
    private static let effects: Set<String> = ["CachePool.reconfigure(to:handOver:)"]

    @Test("The fuzzed operations are all operations of the library")
    func operations() throws {
        var operations = PublicOperations()
        try operations.read("Caches")
        try operations.read("CachesCluster", types: ["CachePool", "Node"])
        #expect(operations.names.count > 150)
        let fuzzed = Operation.all.map(\.name).filter { !$0.hasPrefix("cachesctl ") }.sorted()
        let difference = fuzzed.difference(from: operations.names)
        for change in difference {
            switch change {
            case .insert(_, let name, _) where !Self.effects.contains(name):
                Issue.record("\(name) is fuzzed, and the library has none")
            case .insert: break
            case .remove(_, let name, _): Issue.record("\(name) is not fuzzed")
            }
        }
    }

    @Test("The fuzzed operations include every command of the tool that asks servers")
    func commands() {
        let configuration = CachesControl.configuration
        let commands = (configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands))
            .map { "cachesctl \($0._commandName)" }
        let fuzzed = Operation.all.map(\.name).filter { $0.hasPrefix("cachesctl ") }
        // It starts the servers that it uses.
        #expect(Set(commands) == Set(fuzzed + ["cachesctl demo"]))
    }

    @Test("The fuzzed operations are compared with sources read as they are written")
    func parser() {
        var operations = PublicOperations()
        operations.read(
            text: """
                extension Some {
                    @inlinable public final func one(_ a: Int, by b: [Int: Int] = [:]) async throws -> Int {
                    }
                    /// public func none() async {}
                    public final var two: Int { get async throws { 1 } }
                    public func three<each Part>(
                        _ body: (inout Int) throws -> (repeat each Part), on pool: Int? = nil
                    ) async throws -> Int { 1 }
                    public func four() -> Int { 1 }
                    func five() async {}
                    public final subscript(field: Int) -> Int { get async throws { 1 } }
                }
                public struct Batch {
                    @discardableResult
                    public mutating func six<T>(_ cache: T) -> Int { 1 }
                }
                """)
        #expect(
            operations.names == [
                "Some.one(_:by:)", "Some.two", "Some.three(_:on:)", "Some.subscript(field:)", "Batch.six(_:)",
            ])
    }
}
