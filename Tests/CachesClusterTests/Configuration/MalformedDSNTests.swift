import CachesTransport
import Testing

@testable import CachesCluster

/// Each fault has its own error, which names the source, gives advice, and holds no secret.
@Suite struct MalformedDSNTests {
    /// Parts of the password are secret, too: the DSNs below cut it at any place.
    static let secrets = ["hunter2", "hunter", "swordfish"]

    static let cases: [(dsn: String, fault: String)] = [
        ("", "not a DSN"),
        ("localhost", "not a DSN"),
        ("localhost:6379", "not a DSN"),
        ("user:hunter2@host", "not a DSN"),
        ("redis:/host", "not a DSN"),
        ("://hunter2@host", "not a DSN"),
        ("hunter2:swordfish://host", "not a DSN"),
        ("'redis://:hunter2@host'", "not a DSN"),
        ("re%64is://:hunter2@host", "not a DSN"),

        ("http://:hunter2@host", "not one of redis, rediss, valkey, valkeys, unix"),
        ("redsi://:hunter2@host", "Did you mean redis://?"),
        ("hunter2://host", "the scheme is not one of"),
        ("rediss+unix:///run/s", "Did you mean redis+unix://?"),

        ("redis://:hunter2@a,b", "redis:// leads to one server"),
        ("rediss://a:1,b:2", "begin with rediss+cluster:// or rediss+sentinel://"),
        ("redis+cluster://", "there is no host"),
        ("redis+cluster://:hunter2@", "there is no host"),
        ("redis+cluster://a,,b", "before or after a ','"),
        ("redis+cluster://a,", "before or after a ','"),
        ("redis+cluster://a,b,A", "twice"),
        ("redis+cluster://a:6379,a", "twice"),
        ("redis+cluster://a b", "a space"),
        ("redis+cluster://a;b", "not a host name"),
        ("redis+cluster://a:1:2,b", "more than one ':'"),
        ("redis+cluster://::1,b", "more than one ':'"),
        ("redis+cluster://a/1", "no database but 0"),
        ("redis+cluster://a?db=1", "no database but 0"),
        ("redis+cluster://a/hunter2", "the database after the '/'"),
        ("redis+cluster://a?replica-of=b", "replicas of a cluster or of Sentinels are found"),
        ("redis+cluster://a?ca=/ca.pem", "is for TLS"),
        ("redis://127.0.0.1?refresh-interval=1s", "have a name, and this is one server at an address"),
        ("redis+unix:///run/a.sock?refresh-interval=1s", "have a name, and this is one server"),
        ("redis+sentinel://a", "the Sentinels' name for the primary is missing"),
        ("redis+sentinel://:hunter2@a/", "the Sentinels' name for the primary is missing"),
        ("redis+sentinel://a//0", "the Sentinels' name for the primary is missing"),
        ("redis+sentinel://a/my%20master", "the Sentinels' name for the primary is missing"),
        ("redis+sentinel://a/mymaster/hunter2", "the database after the '/'"),
        ("redis+sentinel://a/mymaster/0/1", "the database after the '/'"),
        ("redis+sentinel://a/mymaster/0?db=1", "different databases"),
        ("redis+sentinel://a/mymaster?replica-of=b", "replicas of a cluster or of Sentinels are found"),
        ("redis+unix://a,b/run/s", "the absolute path of a socket"),

        (" redis://h", "character 1 "),
        ("redis://:hunter2@ho st", "character 20 "),
        ("redis://:hunter 2@host", "character 16 "),
        ("redis://:hunter2@host\n", "control character"),
        ("redis://:hunter2@host\t#a", "control character"),
        ("redis://:hunter2@host\u{0}", "control character"),
        ("redis://:hunter2@host\u{A0}", "%20"),
        ("redis://:hunter2@host\u{200B}", "control character"),

        ("redis://", "there is no host"),
        ("redis:///2", "there is no host"),
        ("redis://:hunter2@", "there is no host"),
        ("redis://:hunter2@:6379", "there is no host"),
        ("redis://:hunter2@ho%73t", "not a host name"),
        ("redis://:hunter2@höst", "xn--"),
        ("redis://:hunter2@h,i", "several hosts are named"),
        ("redis://:hunter2@" + String(repeating: "a", count: 254), "253 at most"),
        ("redis://::1", "in brackets"),
        ("redis://:hunter2@::1:6379", "in brackets"),
        ("redis://[::1", "never closed"),
        ("redis://[::1]6379", "only a ':' and a port"),
        ("redis://[]", "not an IPv6 address"),
        ("redis://[localhost]", "not an IPv6 address"),
        ("redis://[::1%25]", "not an IPv6 address"),
        ("redis://[fe80::1%25a%25b]", "not an IPv6 address"),
        ("redis://[fe80::1%eth0]", "two hexadecimal digits"),

        ("redis://:hunter2@h:", "there is no port"),
        ("redis://:hunter2@h:/2", "there is no port"),
        ("redis://:hunter2@h:0", "1 to 65535"),
        ("redis://:hunter2@h:65536", "1 to 65535"),
        ("redis://:hunter2@h:99999999999999999999", "1 to 65535"),
        ("redis://:hunter2@h:-1", "1 to 65535"),
        ("redis://:hunter2@h:+1", "1 to 65535"),
        ("redis://:hunter2@h:abc", "1 to 65535"),
        ("redis://:hunter2@h:6379,h2:6379", "several hosts are named"),

        ("redis://@h", "password before the '@' is empty"),
        ("redis://:@h", "password before the '@' is empty"),
        ("redis://hunter2:@h", "password before the '@' is empty"),
        ("redis://user:hunter%ZZ2@h", "the password has a '%'"),
        ("redis://user:hunter2%@h", "the password has a '%'"),
        ("redis://user:hunter2%2@h", "the password has a '%'"),
        ("redis://user:hunter2%+1@h", "as %25"),
        ("redis://hunter2%zz@h", "the password has a '%'"),
        ("redis://hunter2%:swordfish@h", "the user name has a '%'"),
        ("redis://user:hunter2%00@h", "zero byte"),
        ("redis://user:hunter2%FF@h", "not UTF-8"),
        ("redis://user:hunter2%C3@h", "%C3%BC"),
        ("redis://user:hunter2%ED%A0%80@h", "not UTF-8"),

        ("redis://user:hunter/2@host", "'/' as %2F"),
        ("redis://user:hunter#2@host", "'#' as %23"),
        ("redis://user:hunter?2@host", "'?' as %3F"),
        ("redis://user:hunter@2@host", "'@' as %40"),
        ("redis://user:hunter/2", "1 to 65535"),
        ("redis://user:hunter2", "percent-encoded"),
        ("redis://hunter?swordfish=1@host", "an '@' is in the wrong place"),
        ("redis://h#swordfish@2", "an '@' is in the wrong place"),
        ("redis://user:hunter@2/swordfish@host", "an '@' is in the wrong place"),

        ("redis://:hunter2@h/-1", "not a whole number, 0 or more"),
        ("redis://:hunter2@h/abc", "redis://host:6379/2"),
        ("redis://:hunter2@h/1.5", "not a whole number"),
        ("redis://:hunter2@h/1/2", "not a whole number"),
        ("redis://:hunter2@h//", "not a whole number"),
        ("redis://:hunter2@h/99999999999", "not a whole number"),
        ("redis://:hunter2@h?db=-1", "the value of db is not a whole number"),
        ("redis://:hunter2@h?db=one", "the value of db is not a whole number"),
        ("redis://:hunter2@h/1?db=2", "different databases"),
        ("redis://:hunter2@h/0?db=2", "different databases"),

        ("unix://", "absolute path of a socket, and has none"),
        ("unix:///", "has none"),
        ("unix://run/redis.sock", "has a host"),
        ("unix://:hunter2@run/redis.sock", "unix:///run/redis.sock"),
        ("redis+unix:///run/%00", "zero byte"),
        ("unix:///" + String(repeating: "a", count: 103), "104 bytes"),

        ("redis://:hunter2@h#", "the name after the '#' is empty"),
        ("redis://:hunter2@h#a/b/c", "not a name"),
        ("redis://:hunter2@h#/a", "#group/name"),
        ("redis://:hunter2@h#a/", "not a name"),
        ("redis://:hunter2@h#/", "not a name"),
        ("redis://:hunter2@h#a#b", "not a name"),
        ("redis://:hunter2@h#a%20b", "not a name"),
        ("redis://:hunter2@h#a%0Ab", "not a name"),
        ("redis://:hunter2@h#a%zz", "the name after the '#' has a '%'"),

        ("redis://:hunter2@h?color=red", "there is no option color"),
        ("redis://:hunter2@h?color=red", "The options are db, timeout, connect-timeout, client-name"),
        ("redis://:hunter2@h?timeuot=1", "Did you mean timeout?"),
        ("redis://:hunter2@h?DB=1", "there is no option DB"),
        ("redis://:hunter2@h?a%20b=1", "an unknown option"),
        ("redis://:hunter2@h?=1", "an option has no name"),
        ("redis://:hunter2@h?db=1&", "an option has no name"),
        ("redis://:hunter2@h?db=1&&weight=1", "an option has no name"),
        ("redis://:hunter2@h?db", "the option db has no value"),
        ("redis://:hunter2@h?db=", "the option db has no value"),
        ("redis://:hunter2@h?db=1&db=1", "the option db is given twice"),
        ("redis://:hunter2@h?timeout=1&socket_timeout=1", "the option timeout is given twice"),
        ("redis://:hunter2@h?client-name=%zz", "the value of client-name has a '%'"),
        ("redis://:hunter2@h?client-name=a%20b", "printable ASCII without spaces"),
        ("redis://:hunter2@h?client-name=k%C3%A4se", "printable ASCII without spaces"),
        ("redis://:hunter2@h?client-name=a%7F", "printable ASCII without spaces"),
        ("redis://:hunter2@h?weight=0", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?weight=-1", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?weight=nan", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?weight=inf", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?weight=1e3", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?weight=0x10", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?weight=1000001", "from 0.001 to 1000000"),
        ("redis://:hunter2@h?timeout=soon", "the value of timeout is not a time from 1ms to 24h"),
        ("redis://:hunter2@h?max-in-flight=0", "a whole number, 1 or more"),
        ("redis://:hunter2@h?max-in-flight-bytes=much", "a number of bytes"),

        ("redis://:hunter2@h?ca=/ca.pem", "the option ca is for TLS"),
        ("redis://:hunter2@h?cert=/c.pem&key=/k.pem", "the option cert is for TLS"),
        ("redis://:hunter2@h?verify=full", "Begin the DSN with rediss://"),
        ("valkey://h?sni=a", "the option sni is for TLS"),
        ("unix:///s?min-tls=1.2", "the option min-tls is for TLS"),
        ("redis://h?ciphers=ALL", "the option ciphers is for TLS"),
        ("rediss://:hunter2@h?verify=yes", "not one of `full`, `ca`, `none`"),
        ("rediss://:hunter2@h?min-tls=1.1", "not one of `1.2`, `1.3`"),
        ("rediss://:hunter2@h?cert=/c.pem", "the option cert is given without key"),
        ("rediss://:hunter2@h?key=/k.pem", "the option key is given without cert"),
        ("rediss://hunter2@h?password-file=/p", "the option password-file names another"),
        ("redis://:hunter2@h?password-file=/p", "the option password-file names another"),
        ("redis://app:hunter2@h?password-file=/p", "write the user and a colon"),
        ("rediss://h?key-password-file=/p", "a password for a key is given, but no key"),
        (
            "rediss://h?cert=/c&key=/k&key-password-file=/p&key-password-env=P",
            "given twice, by a file and by a variable"
        ),
        ("rediss://h?cert=/c&key=/k&key-password-env=A=B", "not the name of a variable"),
        ("redis://h?crl=/crl.pem", "the option crl is for TLS"),
        ("rediss://:hunter2@h?ca=%0A", "not the path of a file"),
        ("rediss://:hunter2@h?sni=a%20b", "not a host name"),
    ]

    @Test("A malformed DSN has an error that names source and fault, and no secret", arguments: cases)
    func malformed(dsn: String, fault: String) {
        let error = #expect(throws: CachesError.self) {
            try NodeConfiguration(dsn: dsn, source: "CACHES_DSN_7")
        }
        guard let error else { return }
        #expect(error.code == .configuration)
        #expect(error.message.hasPrefix("CACHES_DSN_7: "))
        #expect(error.description.contains(fault), "\(error)")
        var dumped = ""
        dump(error, to: &dumped)
        for secret in Self.secrets {
            #expect(!error.description.contains(secret) && !dumped.contains(secret), "\(error)")
        }
    }

    @Test("No part of the password reaches the error, whatever is put at any place of a DSN")
    func planted() {
        let stray = [
            "@", "/", "?", "#", ":", "%", "%zz", "%00", "%FF", "[", "]", " ", "\n", "&", "=", "://", "é",
        ]
        for template in [
            "redis://user:zq7xv9kw@host:6379/2?db=2#name", "rediss://zq7xv9kw@[::1]?ca=/a&verify=ca",
            "unix://:zq7xv9kw@/run/redis.sock?db=2#group/name",
        ] {
            for place in template.indices {
                for text in stray {
                    var dsn = template
                    dsn.insert(contentsOf: text, at: place)
                    check(dsn)
                    dsn = template
                    dsn.remove(at: place)
                    dsn.insert(contentsOf: text, at: place)
                    check(dsn)
                }
            }
        }
    }

    /// Fails if the error of a DSN holds three letters in a row of the secret.
    private func check(_ dsn: String) {
        do {
            let node = try NodeConfiguration(dsn: dsn, source: "CACHES_DSN")
            // Accepted: the secret is then at the place of a password, or was never one.
            if node.connection.credentials != nil { #expect(!node.redactedDSN.contains("zq7xv9kw")) }
        } catch {
            let text = error.description
            let pieces = ["zq7", "q7x", "7xv", "xv9", "v9k", "9kw"]
            #expect(!pieces.contains { text.contains($0) }, "\(dsn.debugDescription): \(text)")
        }
    }
}
