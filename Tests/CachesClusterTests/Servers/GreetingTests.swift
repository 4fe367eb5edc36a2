import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// The effects of a DSN on the server: user, database, the client's name, TLS.
@Suite struct GreetingTests {
    private static let accesses: [LocalServer.Access] = [
        .open, .password("p@ss:w/ord?#%"), .user("app", password: "p@ss w/ord"),
        // Neither SELECT nor CLIENT is granted: database 0 needs no SELECT, and nothing needs CLIENT.
        .user("reader", password: "secret", rules: "~* +@read +acl|whoami"),
    ]

    @Test("The user is the DSN's", arguments: everyTransport, accesses)
    func user(transport: LocalServer.Transport, access: LocalServer.Access) async throws {
        try await withLocalFleet([LocalServer.Options(transport: transport, access: access)]) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                let user = if case .user(let name, _, _) = access { name } else { "default" }
                #expect(try await node.send("ACL", "WHOAMI").text == user)
                #expect(try await node.send("GET", "key") == .null)
            }
        }
    }

    @Test("The database is the DSN's, from its path or its option")
    func database() async throws {
        try await withLocalFleet([LocalServer.Options(), LocalServer.Options(transport: .unix)]) { fleet in
            let dsns = [
                fleet.servers[0].dsn.replacing("/0#", with: "/15#"),
                fleet.servers[1].dsn.replacing("db=0", with: "db=3"),
            ]
            try await withPool(dsns) { pool in
                for (index, database) in [15, 3].enumerated() {
                    let node = try pool.nodes[index]
                    _ = try await node.send("SET", "key", "value")
                    let info = try await node.send("CLIENT", "INFO").text
                    #expect(info?.contains(" db=\(database) ") == true)
                    let keyspace = try await fleet.servers[index].command("INFO", "keyspace").text
                    #expect(keyspace?.contains("db\(database):keys=1") == true)
                    #expect(try await fleet.servers[index].command("EXISTS", "key") == .integer(0))
                }
            }
        }
    }

    @Test("The server's CLIENT LIST has the DSN's client name and the pool's fingerprint")
    func clientName() async throws {
        try await withLocalFleet([LocalServer.Options(transport: .tls())]) { fleet in
            try await withPool(fleet.dsns.map { $0.replacing("#", with: "&client-name=shop-7#") }) { pool in
                _ = try await pool.nodes[0].send("PING")
                let names = try await fleet.servers[0].clients(named: "shop-7").map { $0["name"] }
                #expect(try names == ["shop-7:" + pool.fingerprint])
                #expect(try pool.nodes[0].configuration.connection.clientName == "shop-7")
            }
            try await withPool(fleet.dsns) { pool in
                _ = try await pool.nodes[0].send("PING")
                let names = try await fleet.servers[0].clients().map { $0["name"] }
                #expect(try names == ["caches:" + pool.fingerprint])
            }
        }
    }

    @Test("They are in effect again on a connection that replaces a lost one")
    func again() async throws {
        let options = LocalServer.Options(access: .user("app", password: "secret"))
        try await withLocalFleet([options]) { fleet in
            let server = fleet.servers[0]
            let dsn = server.dsn.replacing("/0#", with: "/7?client-name=again#")
            try await withPool([dsn]) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                server.kill()
                try await server.restart()
                try await eventually { (try? await node.send("PING")) != nil }
                let info = try await node.send("CLIENT", "INFO").text
                for field in [" user=app ", " db=7 ", " name=again:"] {
                    #expect(info?.contains(field) == true, "\(field) is not in \(info ?? "nothing")")
                }
            }
        }
    }

    @Test("The session tells the TLS version and cipher, or that there is no TLS")
    func session() async throws {
        try await withLocalFleet([LocalServer.Options(transport: .tls()), LocalServer.Options()]) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            let nodes = try pool.nodes
            for node in nodes { _ = try await node.send("PING") }
            #expect(nodes[0].session?.tlsVersion == "TLSv1.3")
            #expect(nodes[0].session?.cipher?.hasPrefix("TLS_") == true)
            let plain = try #require(nodes[1].session)
            #expect(plain.tlsVersion == nil && plain.cipher == nil)
            await pool.close()
            #expect(nodes.allSatisfy { $0.session == nil })
        }
    }
}
