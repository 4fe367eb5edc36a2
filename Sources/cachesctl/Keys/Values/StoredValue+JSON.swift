import Caches

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A key and its value as an object. Every key of the object is always there.
struct KeyObject: Encodable {
    var key: String
    /// nil if the key doesn't exist.
    var value: StoredValue?

    enum CodingKeys: String, CodingKey { case key, type, count, value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(value?.typeName ?? "none", forKey: .type)
        try container.encode(value?.count ?? 0, forKey: .count)
        try container.encode(value, forKey: .value)
    }
}

extension StoredValue {
    /// Redis' name of the type.
    fileprivate var typeName: String {
        switch content {
        case .string: "string"
        case .list: "list"
        case .set: "set"
        case .hash: "hash"
        case .sortedSet: "zset"
        }
    }
}

extension StoredValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        switch content {
        case .string(let bytes):
            try BytesObject(bytes: bytes).encode(to: encoder)
        case .list(let elements), .set(let elements):
            try elements.map(BytesObject.init).encode(to: encoder)
        case .hash(let items):
            try items.map {
                ["field": BytesObject(bytes: $0.field), "value": BytesObject(bytes: $0.value)]
            }.encode(to: encoder)
        case .sortedSet(let items):
            try items.map(ScoredObject.init).encode(to: encoder)
        }
    }
}

/// Bytes as a text, or as `{"base64": "…"}` if they are not UTF-8.
private struct BytesObject: Encodable {
    var bytes: Bytes

    func encode(to encoder: any Encoder) throws {
        if let text = String(validating: bytes, as: UTF8.self) {
            try text.encode(to: encoder)
        } else {
            try ["base64": Data(bytes).base64EncodedString()].encode(to: encoder)
        }
    }
}

/// An element of a sorted set. JSON has no infinite numbers: such a score is the text `inf` or `-inf`.
private struct ScoredObject: Encodable {
    var element: BytesObject
    var score: String

    init(_ item: (element: Bytes, score: String)) {
        element = BytesObject(bytes: item.element)
        score = item.score
    }

    enum CodingKeys: String, CodingKey { case element, score }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(element, forKey: .element)
        if let number = Double(score), number.isFinite {
            try container.encode(number, forKey: .score)
        } else {
            try container.encode(score, forKey: .score)
        }
    }
}
