import CachesTesting
import CachesTransport
import Foundation
import Testing

@testable import CachesCluster

/// `CachePool.shared` reads the environment once: each test has its own process.
@Suite struct SharedPoolTests {
    @Test("The shared pool has the servers that the environment names")
    func environment() async {
        await #expect(processExitsWith: .success) {
            let servers = [LocalServer.Options(name: "a"), LocalServer.Options(name: "b", transport: .tls())]
            try await withLocalFleet(servers) { fleet in
                for (name, dsn) in fleet.environment { setenv(name, dsn, 1) }
                for node in try CachePool.shared.nodes {
                    #expect(try await node.send("PING") == .status("PONG"))
                }
                #expect(try CachePool.shared.nodes.map(\.name) == ["a", "b"])
                await CachePool.shared.close()
            }
        }
    }

    @Test("Without a variable each call says which to set")
    func missing() async {
        await #expect(processExitsWith: .success) {
            forgetEnvironment()
            for _ in 1...2 {
                for error in [
                    #expect(throws: CachesError.self) { try CachePool.shared.nodes },
                    #expect(throws: CachesError.self) { try CachePool.shared.nodes(connection: "main") },
                    #expect(throws: CachesError.self) { try CachePool.shared.node(for: "key") },
                ] {
                    #expect(error?.code == .configuration)
                    #expect(error?.message.contains("CACHES_DSN") == true)
                    #expect(error?.advice?.contains("redis://localhost:6379") == true)
                }
            }
            await CachePool.shared.close()
        }
    }

    @Test("A variable that is wrong is named by each call, and its password is not")
    func malformed() async {
        await #expect(processExitsWith: .success) {
            forgetEnvironment()
            setenv("CACHES_DSN_7", "redis://:\(secret)@localhost:99999", 1)
            let error = #expect(throws: CachesError.self) { try CachePool.shared.node(for: "key") }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("CACHES_DSN_7") == true)
            #expect(error?.advice != nil)
            expectNoSecret(in: error)
        }
    }
}

/// Unsets variables that the environment of the tests may have set.
private func forgetEnvironment() {
    for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("CACHES_") { unsetenv(name) }
}
