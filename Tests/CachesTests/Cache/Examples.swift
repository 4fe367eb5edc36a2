import Caches

struct User: Codable, Equatable, Sendable {
    var id: Int
    var name: String
}

final class UserCache: Cache<User>, @unchecked Sendable {
    override class var prefix: String { "user" }
    override class var ttl: TTL { .minutes(10, jitter: 0.5) }
    override class var connection: ConnectionName { Servers.connection }
}

/// A coder that wraps another one, as an encrypting coder would.
struct Reversing: CacheCoder {
    let base = StandardCoder()

    func encode<Value: Codable>(_ value: Value) throws -> Payload {
        .bytes(Bytes(try base.encode(value).bytes.reversed()))
    }

    func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value {
        try base.decode(type, from: Bytes(bytes.reversed()))
    }
}
