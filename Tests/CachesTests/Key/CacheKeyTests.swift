import CachesTransport
import Foundation
import Testing

@testable import Caches

@Suite("Keys")
struct CacheKeyTests {
    @Test(
        "A key is the prefix and its parts, escaped so that other parts make another key",
        arguments: [
            (CacheKey(prefix: "user"), "user"),
            (CacheKey(prefix: "user", 0), "user.0"),
            (CacheKey(prefix: "user", -7), "user.-7"),
            (CacheKey(prefix: "user", "org", 42), "user.org.42"),
            (CacheKey(prefix: "user", "a", "b"), "user.a.b"),
            (CacheKey(prefix: "user", "a.b"), "user.a%2Eb"),
            (CacheKey(prefix: "user", "a%2Eb"), "user.a%252Eb"),
            (CacheKey(prefix: "user", "%", "."), "user.%25.%2E"),
            (CacheKey(prefix: "user", ""), "user."),
            (CacheKey(prefix: "user", "", ""), "user.."),
            (CacheKey(prefix: "user", "a", ""), "user.a."),
            (CacheKey(prefix: "user", "", "a"), "user..a"),
            (CacheKey(prefix: "app.user", "a"), "app.user.a"),
            (CacheKey(prefix: "user", "{42}", "home page\n"), "user.{42}.home page\n"),
            (CacheKey(prefix: "user", "größe", "日本", "👋🏽"), "user.größe.日本.👋🏽"),
            (CacheKey(prefix: "user", "al"["al".startIndex...]), "user.al"),
            (CacheKey(prefix: "user", UInt64.max, Int8.min), "user.18446744073709551615.-128"),
            (CacheKey(prefix: "user", Region.eu, UserID(rawValue: 9)), "user.eu.9"),
            (CacheKey(prefix: "user", true, false), "user.true.false"),
            (CacheKey(prefix: "", "a", "b"), "a.b"),
            (CacheKey(prefix: "", "", "b"), ".b"),
        ])
    func escaped(key: CacheKey, text: String) throws {
        #expect(key.text == text)
        #expect(try key.checked() == KeyBytes(text))
        #expect("\(key)" == text)
    }

    @Test(
        "The plain style joins as the Python package does",
        arguments: [
            (CacheKey(prefix: "Cache", style: .plain, "foo", "bar"), "Cache.foo.bar"),
            (CacheKey(prefix: "prefix", style: .plain, 1), "prefix.1"),
            (CacheKey(prefix: "prefix", style: .plain), "prefix"),
            (CacheKey(prefix: "prefix", style: .plain, "a", "", "b"), "prefix.a.b"),
            (CacheKey(prefix: "prefix", style: .plain, ""), "prefix"),
            (CacheKey(prefix: "prefix", style: .plain, "a.b", "50%"), "prefix.a.b.50%"),
            (CacheKey(prefix: "prefix", style: .plain, 0), "prefix.0"),
            (CacheKey(prefix: "", style: .plain, "", "a"), "a"),
        ])
    func plain(key: CacheKey, text: String) {
        #expect(key.text == text)
    }

    @Test("A UUID is a part as uuidString writes it")
    func uuid() throws {
        let id = try #require(UUID(uuidString: "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"))
        #expect(CacheKey(prefix: "user", id).text == "user.0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0")
    }

    @Test("No two lists of parts make the same key")
    func injective() {
        // Every list of up to three parts from texts that are all about separators and escapes.
        let texts = ["", ".", "%", "a", "a.", ".a", "a.b", "%2E", "%25", "%252E", "2E"]
        var lists: [[String]] = [[]]
        for text in texts {
            lists.append([text])
            for second in texts {
                lists.append([text, second])
                for third in texts { lists.append([text, second, third]) }
            }
        }
        var owners: [String: [String]] = [:]
        for list in lists {
            let key =
                switch list.count {
                case 0: CacheKey(prefix: "p")
                case 1: CacheKey(prefix: "p", list[0])
                case 2: CacheKey(prefix: "p", list[0], list[1])
                default: CacheKey(prefix: "p", list[0], list[1], list[2])
                }
            if let other = owners.updateValue(list, forKey: key.text) {
                Issue.record("\(other) and \(list) are both \(key)")
            }
        }
        #expect(owners.count == 1 + 11 + 121 + 1331)
    }

    @Test(
        "A key is joined the same at every length round those at which it is kept in another way",
        arguments: Array(40...52) + Array(250...262))
    func lengths(count: Int) {
        let part = String(repeating: "x", count: count)
        #expect(CacheKey(prefix: "p", part).text == "p." + part)
        #expect(CacheKey(prefix: part).text == part)
        let dots = String(repeating: ".", count: count / 3)
        #expect(
            CacheKey(prefix: "p", dots, 1).text == "p." + String(repeating: "%2E", count: count / 3) + ".1")
    }

    @Test(
        "The keys of many parts are those of each, whichever of them is long",
        arguments: ["", "p", String(repeating: "p", count: 47), String(repeating: "p", count: 300)],
        [KeyStyle.escaped, .plain])
    func many(prefix: String, style: KeyStyle) {
        let parts =
            ["", "a", "a.b", "12345678", "1234567.", "%1234567", "12345678.0"]
            + [40, 47, 48, 250, 260, 400].map { String(repeating: "x", count: $0) }
        let start = KeyJoiner(prefix: prefix, style: style)
        for part in parts {
            #expect(start.key(endingWith: part) == CacheKey(prefix: prefix, style: style, part))
        }
    }

    @Test("An empty key is refused when it is used, not when it is made")
    func empty() {
        for key in [
            CacheKey(prefix: ""), CacheKey(prefix: "", ""), CacheKey(prefix: "", style: .plain, "", ""),
        ] {
            let error = #expect(throws: CachesError.self) { try key.checked() }
            #expect(error?.code == .invalidArgument)
        }
    }
}

private enum Region: String, KeyPart { case eu, us }

private struct UserID: RawRepresentable, KeyPart {
    let rawValue: Int
}
