import Testing

@testable import CachesTesting

@Suite("The texts a server and its clients are configured with")
struct RedisConfigurationTests {
    @Test(
        "The texts a server and its clients are configured with quote what a redis.conf would misread",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("a b", #""a b""#), (#"a"b\c"#, #""a\"b\\c""#),
            ("line\nbreak", #""line\x0abreak""#), ("ö", #""\xc3\xb6""#), ("#$%", ##""#$%""##),
        ])
    func quoting(text: String, quoted: String) {
        #expect(RedisConfiguration.quoted(text) == quoted)
    }

    @Test(
        "The texts a server and its clients are configured with percent-encode what a DSN would misread",
        arguments: [
            ("plain-._~9", "plain-._~9"), ("a b", "a%20b"), ("p@s:s/w#?%&=", "p%40s%3As%2Fw%23%3F%25%26%3D"),
            ("ö\n", "%C3%B6%0A"), ("", ""),
        ])
    func encoding(text: String, encoded: String) {
        #expect(DSNText.encoded(text) == encoded)
        #expect(DSNText.encoded("/a b/", allowing: "/") == "/a%20b/")
    }
}
