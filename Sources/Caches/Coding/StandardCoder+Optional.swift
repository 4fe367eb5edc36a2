/// An optional of something that can be stored; how ``StandardCoder`` recognises one.
protocol OptionalValue {
    init(_ bytes: Bytes, by coder: StandardCoder) throws(CachesError)
    func payload(by coder: StandardCoder) throws(CachesError) -> Payload
}

// nil is `null`; a value that is itself n times `null` is stored as n + 1 times. Each number of repetitions
// is thus one value, and every other text is left alone. It holds for optionals of optionals, too.

extension Optional: OptionalValue where Wrapped: Codable {
    init(_ bytes: Bytes, by coder: StandardCoder) throws(CachesError) {
        switch Null.repetitions(in: bytes) {
        case 0: self = try coder.decode(Wrapped.self, from: bytes)
        case 1: self = nil
        default: self = try coder.decode(Wrapped.self, from: bytes.dropLast(Null.count))
        }
    }

    func payload(by coder: StandardCoder) throws(CachesError) -> Payload {
        guard let self else { return .text(Null.text) }
        let payload = try coder.encode(self)
        // A payload of another size can't be one, and is not looked at.
        guard payload.count > 0, payload.count.isMultiple(of: Null.count) else { return payload }
        let bytes = payload.bytes
        return Null.repetitions(in: bytes) > 0 ? .bytes(bytes + Array(Null.text.utf8)) : payload
    }
}

private enum Null {
    static let text = "null"
    static let count = text.utf8.count

    /// How many times `null` stands in `bytes` with nothing else there; 0 if there is something else.
    static func repetitions(in bytes: Bytes) -> Int {
        guard bytes.count.isMultiple(of: count) else { return 0 }
        var rest = bytes
        while !rest.isEmpty {
            guard rest.starts(with: text.utf8) else { return 0 }
            rest.removeFirst(count)
        }
        return bytes.count / count
    }
}
