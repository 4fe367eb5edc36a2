import Caches
import CachesTesting
import Testing

/// Values that no server takes: a server says so, and closes the connection that all calls share.
@Suite struct RefusedValueTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    @Test("They are errors of their own calls: none is brought to a stand-in, and other calls go on")
    func refused() async throws {
        let calls = 12
        try await withOutage(nodes: 2) { outage in
            for server in outage.fleet.servers {
                try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1048576")
            }
            let pool = try await outage.program()
            let small = Array(1000..<1010)
            try await Page.setMany(small.map { ($0, "small") }, on: pool)
            let others = Task {
                var answers = 0
                repeat {
                    for id in small {
                        let value = try await Page(id, on: pool).get()
                        #expect(value == "small")
                        answers += 1
                    }
                } while !Task.isCancelled
                return answers
            }
            let value = String(repeating: "x", count: 2 << 20)
            let refused = await withTaskGroup(of: Bool.self) { group in
                for id in 0..<calls {
                    group.addTask {
                        do {
                            try await Page(id, on: pool).set(value)
                            return false
                        } catch { return true }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            others.cancel()
            if case .failure(let error) = await others.result {
                #expect(error is CancellationError, "\(error)")
            }
            #expect(refused == calls)
            #expect(try pool.nodes.allSatisfy { $0.counters.ejections == 0 })
            // Each was sent once, to its owner.
            var answers = 0
            for server in outage.fleet.servers { answers += try await server.errorAnswers() }
            #expect((1...calls).contains(answers))
        }
    }
}

extension LocalServer {
    /// How many commands it has answered by an error of the kind `ERR`.
    fileprivate func errorAnswers() async throws -> Int {
        let text = try await command("INFO", "errorstats").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("errorstat_ERR:") }
        return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst()) } ?? 0
    }
}
