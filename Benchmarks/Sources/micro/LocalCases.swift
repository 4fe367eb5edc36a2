import Caches
import CachesTransport

/// A class as users write them.
final class ProfileCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "profile" }
}

private struct Profile: Codable, Sendable {
    var id = 42
    var name = "Ada Lovelace"
    var tags = ["mathematics", "engines"]
}

/// The work of a call other than waiting: commands, replies, keys, values.
enum LocalCases {
    static func measure(by meter: inout Meter) throws {
        var wire = WireCases(valueBytes: 64)
        meter.measure("encode a GET", 10_000) { for _ in 0..<$0 { wire.encode(PlacementCases.key) } }
        meter.measure("parse a reply of 64 bytes", 5_000) { for _ in 0..<$0 { wire.parseOne() } }
        meter.measure("parse a reply of 100 × 64 bytes", 200) { for _ in 0..<$0 { wire.parseHundred() } }

        meter.measure("key of a prefix and a number", 5_000) {
            for number in 0..<$0 { _ = ProfileCache.key(number & 0xFFFF + 10_000_000) }
        }
        meter.measure("key of a prefix, a text and a number", 5_000) {
            for number in 0..<$0 { _ = ProfileCache.key("org", number & 0xFFFF + 10_000_000) }
        }
        meter.measure("cache object", 5_000) {
            for number in 0..<$0 { _ = ProfileCache(number & 0xFFFF + 10_000_000) }
        }

        let coder = StandardCoder()
        func coding<Value: Codable>(_ name: String, _ value: Value, _ operations: Int) throws {
            let bytes = try coder.encode(value).bytes
            try meter.measure("encode \(name)", operations) {
                for _ in 0..<$0 { _ = try coder.encode(value) }
            }
            try meter.measure("decode \(name)", operations) {
                for _ in 0..<$0 { _ = try coder.decode(Value.self, from: bytes) }
            }
        }
        try coding("a text of 64 bytes", String(repeating: "v", count: 64), 5_000)
        try coding("an integer", 1_234_567, 5_000)
        try coding("a struct as JSON", Profile(), 50)
    }
}
