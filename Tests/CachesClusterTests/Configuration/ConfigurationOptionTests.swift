import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct ConfigurationOptionTests {
    @Test("Names are unique, and every option has a description")
    func table() {
        let names = DSNOption.all.flatMap { [$0.name] + ($0.alias.map { [$0] } ?? []) }
        #expect(Set(names).count == names.count)
        for option in DSNOption.all {
            #expect(option.meaning.hasSuffix("."), "\(option.name)")
            #expect(!option.values.isEmpty && !option.defaultValue.isEmpty, "\(option.name)")
            #expect(option.name == option.name.lowercased(), "\(option.name)")
        }
        for option in PoolOption.all {
            #expect(option.meaning.hasSuffix(".") && !option.defaultValue.isEmpty, "\(option.name)")
        }
    }

    @Test("The default that the table shows is the one that holds", arguments: DSNOption.all.map(\.name))
    func defaults(name: String) throws {
        let option = try #require(DSNOption.all.first { $0.name == name })
        let plain = try NodeConfiguration(dsn: "rediss://h#a")
        guard let value = option.read(plain) else {
            let none = [
                "timeout", "identity", "replica-of", "ca", "cert", "key", "key-password-file",
                "key-password-env", "crl", "sni", "hosts", "ciphers", "cipher-suites", "password-file",
                "refresh-interval", "map", "sentinel-user", "sentinel-password-file", "sentinel-password",
            ]
            #expect(none.contains(name))
            return
        }
        #expect(option.defaultValue == value)
        #expect(try NodeConfiguration(dsn: "rediss://h?\(name)=\(value)#a") == plain)
    }

    @Test("The defaults are those of the documentation")
    func documented() {
        let shown = DSNOption.all.map { "\($0.name)=\($0.defaultValue)" }
        #expect(
            shown == [
                "db=0", "timeout=the pool's", "connect-timeout=2s", "client-name=caches", "weight=1",
                "identity=as the placement has it", "replica-of=none", "verify=full", "ca=the system's",
                "cert=none", "key=none",
                "key-password-file=none", "key-password-env=none", "crl=none", "sni=the host", "hosts=none",
                "min-tls=1.2",
                "ciphers=OpenSSL's", "cipher-suites=OpenSSL's", "password-file=none", "reload-interval=10s",
                "refresh-interval=30s, 10s for Sentinels", "map=none",
                "max-servers=1000",
                "sentinel-user=none", "sentinel-password-file=none", "sentinel-password=none",
                "max-in-flight=131072", "max-in-flight-bytes=64MiB",
                "max-reply-bytes=512MiB", "stall-timeout=5s",
            ])
        #expect(
            PoolOption.all.map { "\($0.name)=\($0.defaultValue)" } == [
                "deadline=1s", "placement=rendezvous", "outage=gutter for single values, fail for all else",
                "ping-interval=10s", "ping-timeout=300ms",
                "failures-to-eject=3", "successes-to-return=3", "first-retry=100ms", "retry-cap=5s",
            ])
    }
}
