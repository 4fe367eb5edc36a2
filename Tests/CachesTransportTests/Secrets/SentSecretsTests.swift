import Testing

@testable import CachesTransport

@Suite("Passwords in servers' texts")
struct SentSecretsTests {
    @Test(
        "A quotation is found as it is, cut, encoded, escaped and in other case",
        arguments: [
            "ERR bad token Plugh/1905+\"x\" expired", "ERR bad token PLUGH/1905+\"X\"",
            "ERR Plugh%2F1905%2b%22x%22",
            #"ERR 'Plugh\/1905+\"x\"'"#, #"ERR "Plugh\x2f1905+""#, #"{"token":"Plugh\u002f1905+\"x\""}"#,
            "ERR ...lugh/1905+...", "Plugh/1905+\"x\"",
        ])
    func found(text: String) {
        var secrets = SentSecrets()
        secrets.note("Plugh/1905+\"x\"")
        #expect(secrets.areQuoted(in: text))
        #expect(SentSecrets.isQuoted(Secret("Plugh/1905+\"x\""), in: text))
    }

    @Test("A text that is not a quotation is not found")
    func notFound() {
        var secrets = SentSecrets()
        #expect(!secrets.areQuoted(in: "ERR anything"))
        secrets.note("Plugh/1905+\"x\"")
        secrets.note("abc")
        for text in ["ERR Plugh/1906", "WRONGTYPE Operation against a key", "", "Plugh", "abc"] {
            #expect(!secrets.areQuoted(in: text), "\(text)")
        }
    }

    @Test("The latest passwords are remembered, those before a rotation among them, up to a bound")
    func bounds() {
        var secrets = SentSecrets()
        // Any ten bytes in a row belong to only one of them.
        for number in 0..<SentSecrets.mostKept { secrets.note("\(1000 + number)-\(1000 + number)") }
        secrets.note("1000-1000")
        secrets.note("token-after")
        #expect(secrets.areQuoted(in: "ERR 1000-1000"))
        #expect(secrets.areQuoted(in: "ERR 1002-1002"))
        #expect(!secrets.areQuoted(in: "ERR 1001-1001"))
        let long = String(repeating: "0123456789abcdef", count: 10_000)
        secrets.note(long)
        #expect(secrets.areQuoted(in: "ERR " + long.prefix(100)))
    }
}
