import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct DSNSchemeTests {
    @Test("A registered scheme has its base's transport and its own defaults, and a DSN's options win")
    func registered() throws {
        try DSNScheme.register("Acme.Cache", as: "REDISS") { connection in
            connection.tls?.authorityFile = "/etc/acme/ca.pem"
            connection.clientName = "acme"
        }
        let node = try NodeConfiguration(dsn: "acme.cache://h?client-name=web#a")
        #expect(node.connection.tls?.authorityFile == "/etc/acme/ca.pem")
        #expect(node.connection.clientName == "web")
        #expect(node.redactedDSN == "rediss://h:6379/0?client-name=web&ca=/etc/acme/ca.pem#a")

        try DSNScheme.register("acme.derived", as: "acme.cache") { $0.database = 3 }
        let derived = try NodeConfiguration(dsn: "acme.derived://h")
        #expect(derived.connection.clientName == "acme")
        #expect(derived.name == "h:6379/3")
        #expect(try NodeConfiguration(dsn: "acme.derived://h/0").connection.database == 0)

        let error = #expect(throws: CachesError.self) { try DSNScheme.register("acme.cache", as: "redis") }
        #expect(error?.message.contains("acme.cache is known already") == true)
        let unknown = #expect(throws: CachesError.self) { try NodeConfiguration(dsn: "acme.cash://h") }
        #expect(unknown?.advice == "Did you mean acme.cache://?")
    }

    @Test(
        "A name that can't be a scheme is not registered",
        arguments: [
            ("", "redis", "letters, digits"), ("a b", "redis", "letters, digits"),
            ("a://", "redis", "letters, digits"), ("Redis", "rediss", "redis is known already"),
            ("redis+cluster", "redis", "redis+cluster is known already"),
            ("other", "http", "the scheme is not one of"),
        ])
    func refused(name: String, base: String, fault: String) {
        let error = #expect(throws: CachesError.self) { try DSNScheme.register(name, as: base) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(fault) == true, "\(String(describing: error))")
    }
}
