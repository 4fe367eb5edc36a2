import Testing

@testable import CachesTransport

/// Keys that lie in the value, and those that don't.
@Suite struct KeyBytesTests {
    /// Round the longest key that lies in the value, with letters of one, two and four bytes at its end.
    private static let texts = (0...70).flatMap { count in
        ["", "x", "é", "🌀"].map { String(repeating: "k", count: count) + $0 }
    }

    @Test("A key has the bytes that it was made of, at any length")
    func texts() {
        for text in Self.texts {
            let key = KeyBytes(text)
            #expect(key.text == text)
            #expect(key.isEmpty == text.isEmpty)
            #expect(unsafe key.withBytes { unsafe Array($0) } == Array(text.utf8))
        }
        #expect(KeyBytes.empty == KeyBytes(""))
    }

    @Test("A key grows by the appended bytes, from one form into the other")
    func appended() {
        for text in Self.texts {
            var (key, joined) = (KeyBytes.empty, "")
            for (piece, separator) in [(text, nil), ("", "."), ("é", nil), (text, "."), ("end", ":")] {
                unsafe Array(piece.utf8).withUnsafeBytes {
                    unsafe key.append($0, after: separator.map { Character($0).asciiValue! })
                }
                joined += (separator ?? "") + piece
                #expect(key == KeyBytes(joined))
            }
        }
    }

    @Test("Two keys are equal, and hash alike, if their bytes are the same")
    func equality() {
        let distinct = Set(Self.texts)
        #expect(Set(Self.texts.map { KeyBytes($0) }).count == distinct.count)
        for text in Self.texts { #expect(KeyBytes(text) == KeyBytes(String(text.reversed().reversed()))) }
        #expect(KeyBytes("a") != KeyBytes("a\0"))
        #expect(KeyBytes(String(repeating: "\0", count: 47)) != KeyBytes(String(repeating: "\0", count: 46)))
    }

    @Test("A key is written as the text is")
    func written() {
        for text in Self.texts {
            var one = CommandWriter()
            var other = CommandWriter()
            one.begin(1)
            one.argument(KeyBytes(text))
            other.begin(1)
            other.argument(text)
            var third = CommandWriter()
            var fourth = CommandWriter()
            third.write("UNLINK", KeyBytes(text))
            fourth.begin(2)
            fourth.argument("UNLINK")
            fourth.argument(text)
            #expect(
                unsafe third.buffer.withPending { unsafe Array($0) }
                    == fourth.buffer.withPending { unsafe Array($0) })
            #expect(
                unsafe one.buffer.withPending { unsafe Array($0) }
                    == other.buffer.withPending { unsafe Array($0) })
        }
    }
}
