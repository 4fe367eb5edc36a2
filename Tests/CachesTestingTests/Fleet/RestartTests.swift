import Testing

@testable import CachesTesting

@Suite("A restarted server")
struct RestartTests {
    @Test(
        "A restarted server has the acknowledged data, if it was to keep it, or nothing, as told"
    )
    func contents() async throws {
        let options = LocalServer.Options(keepsData: true)
        try await withLocalFleet(nodes: 1, options: options) { fleet in
            let server = fleet.servers[0]
            for number in 1...100 { try await server.command("SET", "key:\(number)", "\(number)") }
            server.kill()
            try await server.restart(.itsData)
            #expect(try await server.command("DBSIZE").integer == 100)
            #expect(try await server.command("GET", "key:42").text == "42")
            // No kill before this one.
            try await server.restart(.itsData)
            #expect(try await server.command("DBSIZE").integer == 100)
            try await server.restart(.nothing)
            #expect(try await server.command("DBSIZE").integer == 0)
            try await server.command("SET", "later", "1")
            try await server.restart(.itsData)
            #expect(try await server.command("DBSIZE").integer == 1)
        }
    }

    @Test("A restarted server can't have its data if it kept no data")
    func keptNone() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let error = await #expect(throws: FleetError.self) {
                try await fleet.servers[0].restart(.itsData)
            }
            #expect(error?.advice?.contains("keepsData") == true)
            #expect(fleet.servers[0].isRunning)
        }
    }
}
