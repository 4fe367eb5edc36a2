import Testing

@testable import cachesctl

@Suite("CLIENT LIST, read for other pools")
struct ListedClientTests {
    @Test("Connections whose name ends with a fingerprint are pools, all others are not")
    func fingerprints() {
        let list = """
            id=3 addr=10.0.0.7:51234 laddr=10.0.0.1:6379 fd=8 name=caches:1f0c9a4e age=1 cmd=ping
            id=4 addr=10.0.0.8:51235 laddr=10.0.0.1:6379 fd=9 name= age=1 cmd=get
            id=5 addr=10.0.0.9:51236 fd=9 name=shop:eu:00000000 age=1 cmd=get
            id=6 addr=10.0.0.9:51237 fd=9 name=shop:1F0C9A4E age=1 cmd=get
            id=7 addr=10.0.0.9:51238 fd=9 name=shop:1f0c9a4 age=1 cmd=get
            id=8 addr=10.0.0.9:51239 fd=9 name=1f0c9a4e age=1 cmd=get

            """
        #expect(
            ListedClient.all(in: list) == [
                ListedClient(address: "10.0.0.7:51234", name: "caches:1f0c9a4e", fingerprint: "1f0c9a4e"),
                ListedClient(address: "10.0.0.9:51236", name: "shop:eu:00000000", fingerprint: "00000000"),
            ])
    }
}
