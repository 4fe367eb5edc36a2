import CachesCluster

extension CacheEntry {
    /// A value as bytes, by a coder of its own or the cache's.
    final func encode<Value: Codable>(
        _ value: Value, by coder: (any CacheCoder)? = nil
    ) throws(CachesError) -> Payload {
        do { return try (coder ?? self.coder).encode(value) } catch {
            throw Self.encodingError(Value.self, key, error)
        }
    }

    /// A value for a key as bytes.
    static func encode<Value: Codable>(
        _ value: Value, for key: CacheKey, by coder: any CacheCoder
    ) throws(CachesError) -> Payload {
        do { return try coder.encode(value) } catch { throw encodingError(Value.self, key, error) }
    }

    /// A stored value, or nil if it can't be decoded, which is counted.
    final func decode<Value: Codable>(
        _ type: Value.Type, from bytes: Bytes, by coder: (any CacheCoder)? = nil
    ) -> Value? {
        do {
            return try (coder ?? self.coder).decode(type, from: bytes)
        } catch {
            CacheCounters.countUndecodable()
            return nil
        }
    }

    /// A stored value; one that can't be decoded is an error.
    final func decodeOrThrow<Value: Codable>(
        _ type: Value.Type, from bytes: Bytes, of source: any ReplySource, by coder: (any CacheCoder)? = nil
    ) throws(CachesError) -> Value {
        do {
            return try (coder ?? self.coder).decode(type, from: bytes)
        } catch {
            throw Self.codingError(
                .decoding, "What is stored at the key \(key) is no \(Value.self).", error,
                advice: "Clear it, or give one of the classes that write it another prefix.",
                node: source.name
            )
        }
    }

    private static func encodingError(_ type: Any.Type, _ key: CacheKey, _ error: any Error) -> CachesError {
        codingError(
            .encoding, "The \(type) for the key \(key) can't be encoded.", error, advice: nil, node: nil)
    }

    /// A coder's error with the key and the type, and without the text of an error that may quote the value.
    private static func codingError(
        _ code: CachesError.Code, _ message: String, _ error: any Error, advice: String?, node: String?
    ) -> CachesError {
        let reason = (error as? CachesError)?.message ?? "The coder failed with \(type(of: error))."
        return CachesError(code, "\(message) \(reason)", advice: advice, node: node)
    }
}
