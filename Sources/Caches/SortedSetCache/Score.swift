import CachesCluster

/// How scores are written.
enum Score {
    /// The shortest decimal that a server reads back as the very same score; `inf` and `-inf`.
    static func text(_ score: Double) throws(CachesError) -> String {
        guard !score.isNaN else {
            throw CachesError(
                .invalidArgument, "A score that is not a number (NaN) has no place in an order.",
                advice: "See where it comes from: 0/0 and the square root of a negative number are such.")
        }
        return score.description
    }

    static func payload(_ score: Double) throws(CachesError) -> Payload { .text(try text(score)) }
}

/// An element as it is stored, with its score.
struct StoredItem: Sendable {
    let score: Double
    let bytes: Bytes
}

extension Reply {
    /// A score; nil for null. Servers send 17 digits, or the shortest decimal: both are exact.
    func requireScore(from source: any ReplySource) throws(CachesError) -> Double? {
        guard let bytes = try requireBytes(from: source) else { return nil }
        // No server has a score that is not a number: it would have no place in the order.
        guard let score = Double(String(decoding: bytes, as: UTF8.self)), !score.isNaN else {
            throw unexpected(from: source, expected: "a score")
        }
        return score
    }

    /// Elements, each followed by its score.
    func requireItems(from source: any ReplySource) throws(CachesError) -> [StoredItem] {
        let list = try requireArray(from: source)
        var items: [StoredItem] = []
        items.reserveCapacity(list.count / 2)
        var replies = list.makeIterator()
        while let element = replies.next() {
            guard let bytes = try element.requireBytes(from: source),
                let score = try replies.next()?.requireScore(from: source)
            else { throw unexpected(from: source) }
            items.append(StoredItem(score: score, bytes: bytes))
        }
        return items
    }
}
