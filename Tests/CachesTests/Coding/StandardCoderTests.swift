import Foundation
import Testing

@testable import Caches

@Suite("The standard coder")
struct StandardCoderTests {
    let coder = StandardCoder()

    /// A value, its stored form, and a check that reading gives the value back.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let stored: [UInt8]
        let roundTrip: @Sendable (StandardCoder) throws -> (encoded: [UInt8], isSame: Bool)

        init<Value: Codable & Equatable & Sendable>(_ value: Value, _ stored: [UInt8]) {
            testDescription = "\(Value.self) \(value)"
            self.stored = stored
            roundTrip = { coder in
                let encoded = try coder.encode(value)
                let decoded = try coder.decode(Value.self, from: encoded.bytes)
                return (Array(encoded.bytes), decoded == value && encoded.count == encoded.bytes.count)
            }
        }

        init<Value: Codable & Equatable & Sendable>(_ value: Value, _ stored: String) {
            self.init(value, Array(stored.utf8))
        }
    }

    static let plain: [Case] = [
        Case("", ""), Case("al", "al"), Case("größe 👋🏽 \0 \r\n", "größe 👋🏽 \0 \r\n"), Case("null", "null"),
        Case(String(repeating: "long ", count: 100), String(repeating: "long ", count: 100)),
        Case(true, "1"), Case(false, "0"),
        Case(0, "0"), Case(-42, "-42"), Case(Int.max, "9223372036854775807"),
        Case(Int8.min, "-128"), Case(Int16.min, "-32768"), Case(Int32.max, "2147483647"),
        Case(Int64.min, "-9223372036854775808"), Case(UInt(7), "7"), Case(UInt8.max, "255"),
        Case(UInt16.max, "65535"), Case(UInt32.max, "4294967295"), Case(UInt64.max, "18446744073709551615"),
        Case(Int128.min, "-170141183460469231731687303715884105728"),
        Case(UInt128.max, "340282366920938463463374607431768211455"),
        Case(0.1, "0.1"), Case(-0.0, "-0.0"), Case(1e16, "1e+16"),
        Case(Double.leastNonzeroMagnitude, "5e-324"),
        Case(Double.infinity, "inf"),
        Case(Double.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        Case(Float(0.1), "0.1"), Case(-Float.infinity, "-inf"),
        Case(Data([0, 255, 10]), [0, 255, 10]), Case(Data(), ""),
        Case([0, 255, 13] as [UInt8], [0, 255, 13]), Case([] as [UInt8], ""),
    ]

    static let json: [Case] = [
        Case(Person(id: 42, name: "al/b", tags: ["x"]), #"{"id":42,"name":"al/b","tags":["x"]}"#),
        Case([1, 2, 3], "[1,2,3]"), Case([String: Int](), "{}"),
        Case(["b": 1, "a": 2, "c": 3], #"{"a":2,"b":1,"c":3}"#),
        Case(Color.red, #""red""#),
        Case([1.5, -.infinity], #"[1.5,"-inf"]"#),
        Case([nil, 1] as [Int?], "[null,1]"),
    ]

    static let optional: [Case] = [
        Case(nil as String?, "null"), Case("al" as String?, "al"), Case("" as String?, ""),
        Case("null" as String?, "nullnull"), Case("nullnull" as String?, "nullnullnull"),
        Case("nullable" as String?, "nullable"), Case("nul" as String?, "nul"),
        Case("nullnul!" as String?, "nullnul!"),
        Case(nil as Int?, "null"), Case(5 as Int?, "5"), Case(nil as Bool?, "null"), Case(true as Bool?, "1"),
        Case(nil as Data?, "null"), Case(Data("null".utf8) as Data?, "nullnull"),
        Case(nil as Person?, "null"),
        Case(Person(id: 1, name: "", tags: []) as Person?, #"{"id":1,"name":"","tags":[]}"#),
        Case(nil as String??, "null"), Case(.some(nil) as String??, "nullnull"),
        Case("null" as String??, "nullnullnull"), Case("x" as String??, "x"),
    ]

    @Test("A plain value is stored in its plain form", arguments: plain)
    func plainValues(_ value: Case) throws {
        let (encoded, isSame) = try value.roundTrip(coder)
        #expect(encoded == value.stored)
        #expect(isSame)
    }

    @Test("Any other value is stored as JSON with sorted keys", arguments: json)
    func jsonValues(_ value: Case) throws {
        let (encoded, isSame) = try value.roundTrip(coder)
        #expect(String(decoding: encoded, as: UTF8.self) == String(decoding: value.stored, as: UTF8.self))
        #expect(isSame)
    }

    @Test("An optional is stored like its value, and nil as bytes that no value gives", arguments: optional)
    func optionalValues(_ value: Case) throws {
        let (encoded, isSame) = try value.roundTrip(coder)
        #expect(String(decoding: encoded, as: UTF8.self) == String(decoding: value.stored, as: UTF8.self))
        #expect(isSame)
    }

    @Test("NaN is read back as NaN")
    func notANumber() throws {
        #expect(try coder.encode(Double.nan).bytes.elementsEqual("nan".utf8))
        #expect(try coder.decode(Double.self, from: Bytes("nan".utf8)).isNaN)
        #expect(try coder.decode([Float].self, from: coder.encode([Float.nan]).bytes)[0].isNaN)
    }

    @Test("Values that other languages write are read", arguments: ["true", "1"])
    func foreignTruth(text: String) throws {
        #expect(try coder.decode(Bool.self, from: Bytes(text.utf8)))
    }

    @Test("A number of another language is read", arguments: [("+7", 7), ("007", 7), ("-0", 0)])
    func foreignNumbers(text: String, number: Int) throws {
        #expect(try coder.decode(Int.self, from: Bytes(text.utf8)) == number)
    }

    @Test("A date keeps every bit of its time")
    func dates() throws {
        let date = Date(timeIntervalSinceReferenceDate: 785_412_345.123_456_7)
        #expect(try coder.decode(Date.self, from: coder.encode(date).bytes) == date)
    }

    /// A type, bytes that are not a value of it, and a word of the reason.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let word: String
        let decode: @Sendable (StandardCoder) throws -> Void

        init(_ type: (some Codable & Sendable).Type, _ bytes: [UInt8], _ word: String) {
            testDescription = "\(type) \(String(decoding: bytes.prefix(40), as: UTF8.self))"
            self.word = word
            decode = { _ = try $0.decode(type, from: bytes[...]) }
        }

        init(_ type: (some Codable & Sendable).Type, _ text: String, _ word: String) {
            self.init(type, Array(text.utf8), word)
        }
    }

    static let refusals: [Refusal] = [
        Refusal(String.self, [0x73, 0x65, 0xff], "UTF-8"), Refusal(String.self, [0xed, 0xa0, 0x80], "UTF-8"),
        Refusal(String.self, [0xf0, 0x9f, 0x98], "UTF-8"), Refusal(String.self, [0xc0, 0x80], "UTF-8"),
        Refusal(Int.self, "", "whole number"), Refusal(Int.self, "secret", "whole number"),
        Refusal(Int.self, "1.5", "whole number"), Refusal(Int.self, " 1", "whole number"),
        Refusal(Int.self, "9223372036854775808", "whole number"), Refusal(Int8.self, "128", "-128 to 127"),
        Refusal(UInt.self, "-1", "whole number"),
        Refusal(Int.self, String(repeating: "0", count: 2000) + "secret", "whole number"),
        Refusal(Bool.self, "yes", "true"), Refusal(Bool.self, "", "true"), Refusal(Bool.self, "2", "true"),
        Refusal(Double.self, "secret", "number"), Refusal(Double.self, "", "number"),
        Refusal(Float.self, "1,5", "number"),
        Refusal(Person.self, "", "JSON"), Refusal(Person.self, "secret", "JSON"),
        Refusal(Person.self, #"{"id":1,"name":"secret"}"#, "The field tags is missing"),
        Refusal(Person.self, #"{"id":"secret","name":"","tags":[]}"#, "Int was expected"),
        Refusal(Person.self, #"{"id":null,"name":"","tags":[]}"#, "Int was expected where there is null"),
        Refusal(Person.self, #"{"id":1e400,"name":"secret","tags":[]}"#, "number"),
        Refusal(Color.self, #""secret""#, "not valid"),
        Refusal([String: Int].self, #"{"secret":"x"}"#, "Int"),
        Refusal(Int?.self, "nul", "whole number"), Refusal(Int?.self, "nullnull", "whole number"),
        Refusal(Person?.self, "nullnull", "expected"),
    ]

    @Test("Bytes that are not a value of the type are refused without being quoted", arguments: refusals)
    func refused(_ refusal: Refusal) {
        let error = #expect(throws: CachesError.self) { try refusal.decode(coder) }
        #expect(error?.code == .decoding)
        #expect(error?.message.contains(refusal.word) == true, "\(error.map(String.init) ?? "no error")")
        #expect(error?.description.contains("secret") == false)
    }

    @Test("A value that can't be encoded is refused without being quoted")
    func unencodable() {
        let error = #expect(throws: CachesError.self) { try coder.encode(Failing(secret: "secret")) }
        #expect(error?.code == .encoding)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("Every sequence of bytes survives, as bytes and in an optional", arguments: 0..<200)
    func anyBytes(seed: Int) throws {
        // Sequences over few letters, so that many of them are close to the mark for nil.
        var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
        var bytes: [UInt8] = []
        for _ in 0..<(seed % 17) {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            bytes += [Array("null".utf8), Array("nul".utf8), [0x6c], [0xff]][Int(state >> 62)]
        }
        #expect(try coder.decode([UInt8].self, from: coder.encode(bytes).bytes) == bytes)
        #expect(try coder.decode([UInt8]?.self, from: coder.encode(Optional(bytes)).bytes) == .some(bytes))
        #expect(try coder.decode(Data??.self, from: coder.encode(Data(bytes) as Data??).bytes) == Data(bytes))
    }
}

private struct Person: Codable, Equatable, Sendable {
    var id: Int
    var name: String
    var tags: [String]
}

private enum Color: String, Codable, Sendable { case red, green }

private struct Failing: Codable, Sendable {
    let secret: String
    func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(secret, .init(codingPath: [], debugDescription: secret))
    }
}
