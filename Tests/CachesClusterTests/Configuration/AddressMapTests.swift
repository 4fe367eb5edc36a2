import CachesTransport
import Testing

@testable import CachesCluster

/// The addresses at which servers that announce other ones are reached.
@Suite struct AddressMapTests {
    @Test("One address, or all ports of a host; the address of its own comes first")
    func entries() {
        var map = AddressMap()
        map.map(.tcp(host: "10.0.0.1", port: 6379), to: .tcp(host: "gate", port: 7001))
        map.map(host: "10.0.0.1", to: "other")
        map.map(host: "Node.Example", to: "outer.example")
        #expect(map.reached(.tcp(host: "10.0.0.1", port: 6379)) == .tcp(host: "gate", port: 7001))
        #expect(map.reached(.tcp(host: "10.0.0.1", port: 6380)) == .tcp(host: "other", port: 6380))
        #expect(map.reached(.tcp(host: "node.EXAMPLE", port: 1)) == .tcp(host: "outer.example", port: 1))
        #expect(map.reached(.tcp(host: "10.0.0.2", port: 1)) == .tcp(host: "10.0.0.2", port: 1))
    }

    @Test("A closure is asked for an address without an entry; a map equals its copies")
    func closure() {
        let map = AddressMap { announced in
            guard case .tcp(_, let port) = announced else { return announced }
            return .tcp(host: "gate", port: port + 1000)
        }
        #expect(map.reached(.tcp(host: "10.0.0.1", port: 1)) == .tcp(host: "gate", port: 1001))
        let copy = map
        #expect(copy == map && copy.hashValue == map.hashValue)
        #expect(AddressMap { $0 } != AddressMap { $0 })
        var other = map
        other.map(host: "10.0.0.1", to: "own")
        #expect(other.reached(.tcp(host: "10.0.0.1", port: 1)) == .tcp(host: "own", port: 1))
    }

    @Test("A DSN has it as an option, which is printed as it is read")
    func option() throws {
        for scheme in ["redis+cluster://a", "redis+sentinel://a/m/0"] {
            let node = try NodeConfiguration(
                dsn: scheme + "?map=10.0.0.2=other,10.0.0.1:6379=Gate:7001,[2001:db8::1]:1=[::1]:2,[::7]=h7")
            let map = try #require(node.addressMap)
            #expect(map.reached(.tcp(host: "2001:db8::1", port: 1)) == .tcp(host: "::1", port: 2))
            #expect(map.reached(.tcp(host: "::7", port: 5)) == .tcp(host: "h7", port: 5))
            #expect(map.reached(.tcp(host: "10.0.0.1", port: 6379)) == .tcp(host: "gate", port: 7001))
            #expect(
                node.redactedDSN.contains(
                    "map=10.0.0.1:6379=gate:7001,[2001:db8::1]:1=[::1]:2,10.0.0.2=other,[::7]=h7"))
            #expect(try NodeConfiguration(dsn: node.redactedDSN).addressMap == map)
        }
    }

    @Test(
        "An error about a wrong map names its option",
        arguments: [
            "a", "a=", "=b", "a=b=c", "a:1=b", "a=b:1", "a:0=b:1", "a:65536=b:1", "a:1=b:x", "a=b,", ",a=b",
            "a=b,a=c", "a:1=b:1,a:1=c:1", "::1=b", "[::1=b", "[]=b", "[a]=b", "a:1:2=b:1", "[::1]x=b",
        ])
    func malformed(text: String) {
        let error = #expect(throws: CachesError.self) {
            try NodeConfiguration(dsn: "redis+cluster://h?map=\(text)")
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("map") == true, "\(error?.message ?? "")")
    }

    @Test("One server has none")
    func server() {
        let error = #expect(throws: CachesError.self) { try NodeConfiguration(dsn: "redis://h?map=a=b") }
        #expect(error?.message.contains("map is for clusters and Sentinels") == true)
    }
}
