#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON as Foundation reads and writes it, with errors that don't quote the value.
enum JSON {
    // Shared: both are safe to use from many threads at once, and take nothing from one call to the next.
    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }()

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }()

    /// A value as JSON, its keys sorted.
    static func encode(_ value: some Encodable) throws(CachesError) -> Bytes {
        do {
            return Bytes(try encoder.encode(value))
        } catch {
            // An EncodingError holds the value itself.
            throw CachesError(.encoding, "Its Encodable conformance failed with \(type(of: error)).")
        }
    }

    /// The value that JSON stands for.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: Bytes) throws(CachesError) -> Value {
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw CachesError(.decoding, reason(error))
        }
    }

    /// The error in the JSON, in words about the type alone: Foundation's description of an error, and a path
    /// that leads through a dictionary, may quote the stored value.
    private static func reason(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "The field \(key.stringValue) is missing."
        case .typeMismatch(let type, _): "A \(type) was expected where there is something else."
        case .valueNotFound(let type, _): "A \(type) was expected where there is null."
        case .dataCorrupted: "It is not JSON, or a number or a text in it is not valid there."
        default: "Its Decodable conformance failed with \(type(of: error))."
        }
    }
}
