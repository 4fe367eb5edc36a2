#if Benchmarks
    /// Encoding and parsing without a connection, for `Benchmarks/` to measure. It is compiled here because a
    /// call from another module costs instructions of its own.
    public struct WireCases: ~Copyable {
        private var writer = CommandWriter()
        private var reader = ReplyReader(maximumReplyBytes: 1 << 20)
        private let one: [UInt8]
        private let hundred: [UInt8]

        public init(valueBytes: Int) {
            one = Array("$\(valueBytes)\r\n\(String(repeating: "v", count: valueBytes))\r\n".utf8)
            hundred = Array("*100\r\n".utf8) + [[UInt8]](repeating: one, count: 100).joined()
        }

        /// Writes a GET.
        public mutating func encode(_ key: String) {
            writer.start()
            writer.begin(2)
            writer.argument("GET")
            writer.argument(key)
            writer.finish(expecting: 1)
            writer.buffer.truncate(to: 0)
        }

        /// Reads the reply to a GET.
        public mutating func parseOne() { parse(one) }

        /// Reads the reply to an MGET of 100 keys.
        public mutating func parseHundred() { parse(hundred) }

        private mutating func parse(_ bytes: [UInt8]) {
            unsafe bytes.withUnsafeBytes { bytes in
                do { try unsafe read(bytes) } catch { fatalError("\(error)") }
            }
        }

        // By itself: compilers up to Swift 6.3 crash on inlining it.
        @inline(never)
        private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(CachesError) {
            var replies = 0
            try unsafe reader.read(bytes) { _ in replies += 1 }
            precondition(replies == 1)
        }
    }
#endif
