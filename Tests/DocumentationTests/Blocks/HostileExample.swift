import Caches
import CachesTesting
import Testing

@Test func survivesLies() async throws {
    let server = try HostileServer { command in
        command.name == "GET" ? .string(announcing: 2_147_483_647) : .truth
    }
    let pool = try CachePool([server.dsn()])
    await #expect(throws: CachesError.self) { try await UserCache(42, on: pool).get() }
    await pool.close()
    server.stop()
}
