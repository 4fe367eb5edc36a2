public import CachesCluster

// The replies that commands are documented to give. Each throws ``CachesError`` of code `protocolViolation`
// for another reply. An error never gets here: the node has thrown it already.

extension Reply {
    /// The bytes of a string; nil for null.
    public consuming func requireBytes(from source: any ReplySource) throws(CachesError) -> Bytes? {
        switch self {
        case .string(let bytes): return bytes
        case .null: return nil
        default: throw unexpected(from: source)
        }
    }

    /// A counter: an integer, sent as one or as text.
    func requireCounter(from source: any ReplySource) throws(CachesError) -> Int {
        guard case .string = self else { return try requireInteger(from: source) }
        guard let counter = text.flatMap({ Int($0) }) else {
            throw unexpected(from: source, expected: "a number")
        }
        return counter
    }

    /// A floating-point number, which is sent as text. Servers add in C's `long double`: a sum that a
    /// `Double` does not hold is infinite here.
    public func requireDouble(from source: any ReplySource) throws(CachesError) -> Double {
        guard let number = text.flatMap({ Double($0) }), !number.isNaN else {
            throw unexpected(from: source, expected: "a number")
        }
        return number
    }

    /// `OK`.
    public func requireOK(from source: any ReplySource) throws(CachesError) {
        guard case .status = self else { throw unexpected(from: source) }
    }
}
