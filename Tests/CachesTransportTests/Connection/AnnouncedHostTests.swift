import CachesTesting
import Testing

@testable import CachesTransport

@Suite("Servers that others announce")
struct AnnouncedHostTests {
    /// The names that an announced server may prove, by the hosts that were given.
    private func expected(
        _ announced: String, given: [String], allowing patterns: [String] = [], sni: String? = nil
    ) -> [String] {
        var configuration = ConnectionConfiguration(endpoint: .tcp(host: given.first ?? "h", port: 1))
        configuration.tls = TLSConfiguration()
        configuration.tls?.serverName = sni
        configuration.tls?.announcedHosts = patterns.compactMap { HostPattern($0) }
        let other = configuration.at(.tcp(host: announced, port: 2), hosts: given)
        #expect(other.endpoint == .tcp(host: announced, port: 2))
        return [other.tls?.serverName ?? announced] + (other.tls?.otherNames ?? [])
    }

    @Test("A name that is announced is verified as itself only if it was given")
    func names() {
        let given = ["c1.example.com", "c2.example.com"]
        #expect(expected("c2.example.com", given: given) == ["c2.example.com"])
        #expect(expected("C2.Example.com.", given: given) == ["C2.Example.com."])
        #expect(expected("evil.example", given: given) == given)
        #expect(expected("10.0.0.9", given: given) == given)
        #expect(expected("evil.example", given: given, sni: "c.example.com") == ["c.example.com"])
        #expect(expected("evil.example", given: ["10.0.0.1"]) == ["10.0.0.1"])
    }

    @Test("If only addresses were given, an announced one proves itself, unless hosts are set")
    func addresses() {
        #expect(expected("10.0.0.9", given: ["10.0.0.1"]) == ["10.0.0.9"])
        #expect(expected("10.0.0.9", given: ["10.0.0.1"], allowing: ["10.0.0.9"]) == ["10.0.0.9"])
        #expect(expected("10.0.0.8", given: ["10.0.0.1"], allowing: ["10.0.0.9"]) == ["10.0.0.1"])
    }

    @Test("Names under a suffix that is allowed are verified as themselves")
    func suffixes() {
        let given = ["config.cache.example.com"]
        let allowed = ["*.cache.example.com"]
        #expect(expected("n1.cache.example.com", given: given, allowing: allowed) == ["n1.cache.example.com"])
        #expect(
            expected("a.b.Cache.example.com", given: given, allowing: allowed) == ["a.b.Cache.example.com"])
        for other in [
            "cache.example.com", "evilcache.example.com", "n1.cache.example.com.evil", ".cache.example.com",
        ] {
            #expect(expected(other, given: given, allowing: allowed) == given, "\(other)")
        }
    }

    @Test("A server that is announced gets no password on the strength of a certificate for its own name")
    func stranger() async throws {
        let options = LocalServer.Options(
            transport: .tls(LocalServer.TLS(certificate: .otherHost)), access: .password("Xyzzy-1905"))
        try await withLocalFleet([options]) { fleet in
            let port = try #require(fleet.servers[0].port)
            let dsn = ConnectionConfiguration(fleet.servers[0], of: fleet)
            func ping(_ configuration: ConnectionConfiguration) async throws -> Reply {
                let connection = Connection(
                    configuration, on: EventLoops.forNode(),
                    resolver: Resolver { _, port in ("127.0.0.1", port) },
                    observer: { _ in })
                do {
                    let reply = try await connection.send("PING")
                    await connection.close()
                    return reply
                } catch {
                    await connection.close()
                    throw error
                }
            }
            let announced = Endpoint.tcp(host: "other.example", port: port)
            let error = await #expect(throws: CachesError.self) {
                try await ping(dsn.at(announced, hosts: ["localhost"]))
            }
            #expect(error?.code == .tls)
            #expect(error?.advice?.contains("hosts=other.example") == true, "\(error as Any)")
            var allowing = dsn
            allowing.tls?.announcedHosts = [try #require(HostPattern("other.example"))]
            let answer = try await ping(allowing.at(announced, hosts: ["localhost"]))
            #expect(answer == .status("PONG"))
        }
    }

    @Test("A pattern is a host, or a suffix of two labels at least")
    func patterns() {
        for text in ["h", "h.example", "*.example.com", "10.0.0.1", "::1", "fe80::1%eth0"] {
            #expect(HostPattern(text) != nil, "\(text)")
        }
        for text in ["", "*", "*.", "*.com", "a*.example.com", "h/x", "*.a.b.", "h\n", "*.::1"] {
            #expect(HostPattern(text) == nil, "\(text)")
        }
    }

    @Test("A text that is not a host is not an address that a server announces")
    func hosts() {
        for host in ["", "a b", "a\nb", "\u{1B}[2J", "a/b", String(repeating: "a", count: 254), "ä.example"] {
            #expect(Endpoint(announcedHost: host, port: 1) == nil)
        }
        for port in [Int.min, -1, 0, 65_536, .max] {
            #expect(Endpoint(announcedHost: "h", port: port) == nil)
        }
        #expect(Endpoint(announcedHost: "::1", port: 65_535) == .tcp(host: "::1", port: 65_535))
    }
}
