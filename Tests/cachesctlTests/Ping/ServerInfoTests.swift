import Testing

@testable import cachesctl

struct ServerInfoTests {
    @Test("The product and the role are read out of INFO's lines")
    func redis() {
        let info = ServerInfo(
            "# Server\r\nredis_version:7.0.15\r\nos:Linux 6.1: x\r\n\r\n# Replication\r\nrole:master\r\n")
        #expect(info.product == "redis 7.0.15")
        #expect(info.role == "master")
    }

    @Test("Valkey's own version wins over the one for old clients; a slave is a replica")
    func valkey() {
        let info = ServerInfo(
            "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\nrole:slave\r\n")
        #expect(info.product == "valkey 8.1.0")
        #expect(info.role == "replica")
    }

    @Test("Missing facts are unknown", arguments: ["", "nonsense", "# redis_version:7", ":", "role"])
    func absent(text: String) {
        #expect(ServerInfo(text).product == nil)
        #expect(ServerInfo(text).role == nil)
    }
}
