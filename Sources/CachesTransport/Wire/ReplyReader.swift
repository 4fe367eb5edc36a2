private import CHiredis

/// Reads replies from bytes, however they are cut. Opens no socket.
///
/// The reading is done by hiredis' `redisReader`, except for replies that need no parser: see
/// ``FastReplyParser``. Its usual trees of `redisReply`, an allocation or two for each item, are never built:
/// our object functions put items where a ``Reply`` wants them and hand hiredis a pointer that it only
/// compares with NULL.
///
/// An error is final: later replies on the connection can't be told apart any more.
// Safe: both pointers belong to this value alone, which can't be copied, and are freed in its deinit. The
// builder has an address of its own because hiredis passes it to the callbacks.
@safe struct ReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let builder: UnsafeMutablePointer<ReplyBuilder>

    /// hiredis moves its unused bytes to the front of its buffer after every KiB of replies; fed slices keep
    /// that move short.
    private static let sliceBytes = 4096

    /// How many bytes of its buffer hiredis keeps when it is empty. Its default of 16 KiB would free and
    /// allocate the memory of every larger reply.
    private static let keptBytes = 1 << 20

    /// The most that may lie in hiredis' buffer with an incomplete string: the line of its length before it,
    /// of at most 20 digits, and a part of its end.
    private static let frameBytes = 24

    /// The longest line: a simple string, an error, a number or a length. The longest that servers send are
    /// errors, of some hundred bytes. hiredis looks for a line's end from its beginning each time, and a line
    /// without one would have it do nothing else.
    static let mostLineBytes = 64 << 10

    /// - Parameter maximumReplyBytes: A larger reply is an error, as soon as it is announced. A list counts
    ///   as its size in memory: 24 bytes an item, however short that is on the wire.
    init(maximumReplyBytes: Int) {
        unsafe builder = .allocate(capacity: 1)
        unsafe builder.initialize(to: ReplyBuilder(maximumBytes: maximumReplyBytes))
        guard let reader = unsafe redisReaderCreateWithFunctions(ReplyBuilder.functions) else {
            preconditionFailure("out of memory for a reply reader")
        }
        unsafe reader.pointee.maxbuf = Self.keptBytes
        unsafe caches_reader_set_context(reader, builder)
        unsafe self.reader = reader
    }

    deinit {
        unsafe redisReaderFree(reader)
        unsafe builder.deinitialize(count: 1)
        unsafe builder.deallocate()
    }

    /// Whether a reply has begun that is not complete.
    var isInsideReply: Bool { unsafe caches_reader_is_inside_reply(reader) }

    /// Whether the last error that came says that the server could not read a command. It reads nothing more
    /// then, and closes the connection.
    var hasRefusedCommand: Bool { unsafe builder.pointee.hasRefusedCommand }

    /// Takes bytes as they came and hands each reply that they complete to `body`.
    /// - Throws: ``CachesError`` `.protocolViolation` or `.tooLarge`, after which the reader is of no use.
    func read(_ bytes: UnsafeRawBufferPointer, _ body: (Reply) throws(CachesError) -> Void)
        throws(CachesError)
    {
        var start = isInsideReply ? 0 : unsafe try readWhole(bytes, body)
        while start < bytes.count {
            let end = min(start + Self.sliceBytes, bytes.count)
            let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            let isMiddleOfLine = unsafe builder.pointee.isInsideLine && !endsLine(slice)
            unsafe _ = redisReaderFeed(reader, slice.baseAddress, slice.count)
            if !isMiddleOfLine {
                while let reply = try next() { try body(reply) }
                unsafe builder.pointee.isInsideLine = caches_reader_is_inside_line(reader)
            }
            guard unsafe !builder.pointee.isInsideLine || caches_reader_buffered(reader) <= Self.mostLineBytes
            else { throw Self.lineTooLong }
            // hiredis would wait for the announced bytes, and swallow every later reply meanwhile.
            guard unsafe caches_reader_announced(reader) <= builder.pointee.maximumBytes else {
                throw tooLarge
            }
            start = end
        }
        let waiting = unsafe Int(caches_reader_buffered(reader))
        guard unsafe waiting - Self.frameBytes <= builder.pointee.maximumBytes else { throw tooLarge }
    }

    /// Reads the replies at the front that hiredis need not see. Only between replies, or hiredis would lack
    /// the rest of one that it has begun.
    /// - Returns: How many bytes they take up.
    @inline(__always)
    private func readWhole(
        _ bytes: UnsafeRawBufferPointer, _ body: (Reply) throws(CachesError) -> Void
    ) throws(CachesError) -> Int {
        let maximumBytes = unsafe builder.pointee.maximumBytes
        var (end, position) = (0, 0)
        var copies = ReplyBuffer()
        while let reply = unsafe FastReplyParser.read(
            bytes, at: &position, maximumBytes: maximumBytes, &copies)
        {
            end = position
            try body(reply)
        }
        return end
    }

    /// Whether the end of a line is among bytes that follow those that hiredis has. Each byte is looked at
    /// once here, and hiredis looks through a line when it is whole.
    private func endsLine(_ slice: UnsafeRawBufferPointer) -> Bool {
        var previous = unsafe caches_reader_last(reader)
        for index in slice.indices {
            let byte = unsafe slice[index]
            if byte == UInt8(ascii: "\n"), previous == Int32(UInt8(ascii: "\r")) { return true }
            previous = Int32(byte)
        }
        return false
    }

    private func next() throws(CachesError) -> Reply? {
        var object: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure() }
        guard unsafe object != nil else { return nil }
        guard let reply = unsafe builder.pointee.take() else { throw Self.foreign }
        return reply
    }

    private func failure() -> CachesError {
        if unsafe builder.pointee.isOverBudget { return tooLarge }
        if unsafe builder.pointee.isForeign { return Self.foreign }
        let text = unsafe String(cString: caches_reader_error(reader))
        if unsafe builder.pointee.isTooDeep || text.contains("nested") {
            return CachesError(
                .protocolViolation, "The server sent a reply that is nested too deep to be read.",
                advice: "Ask for less at once; no command of this library is answered so."
            ).of(.replyUnreadable)
        }
        return CachesError(
            .protocolViolation, "The peer does not speak RESP: \(text).", advice: Self.advice(for: text)
        ).of(.replyUnreadable)
    }

    /// Names the peer's protocol, from the byte that hiredis found where a reply's type was due.
    private static func advice(for text: String) -> String {
        // 0x15 begins a TLS alert, and H the status line of HTTP.
        if text.contains("\\x15") { return "This looks like a TLS port: use rediss://." }
        if text.contains("\"H\"") { return "This looks like an HTTP server: check the port." }
        return "Check that the address and port are those of a Redis or Valkey server."
    }

    private static let foreign = CachesError(
        .protocolViolation, "The server sent a type of reply that RESP2 does not have.",
        advice: "Something switched this connection to RESP3, which is not spoken here."
    ).of(.replyUnreadable)

    private static let lineTooLong = CachesError(
        .protocolViolation, "The server sent a line of more than \(mostLineBytes) bytes.",
        advice: "No Redis or Valkey server does; check what listens at the address and port."
    ).of(.replyUnreadable)

    private var tooLarge: CachesError {
        CachesError(
            .tooLarge,
            "The server sent a reply of more than \(unsafe builder.pointee.maximumBytes) bytes.",
            advice: "Raise max-reply-bytes, or ask for less at once."
        ).of(.replyTooLarge)
    }
}

/// Receives the items of one reply from hiredis, in the order in which they were sent.
private struct ReplyBuilder {
    let maximumBytes: Int
    private(set) var isOverBudget = false
    private(set) var isTooDeep = false
    /// It is of a type that RESP3 has: hiredis 1.x reads maps, sets and pushes, too, and calls the same
    /// functions.
    private(set) var isForeign = false
    /// Whether hiredis has the beginning of a line and waits for its end.
    fileprivate var isInsideLine = false
    private(set) var hasRefusedCommand = false
    private var root: Reply?
    private var items: [ReplyArray.Item] = []
    private var bytes: [UInt8] = []
    private var holdsInnerLists = false

    /// A list announces its length before its items come; no more than so many are believed.
    private static let believedCount = 1024

    /// How deep lists may be nested. hiredis 0.14 gives up by itself after 7 levels; 1.x does so much later.
    private static let maximumDepth = 8

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// The finished reply. nil if hiredis called none of our functions for it.
    mutating func take() -> Reply? {
        guard !items.isEmpty else { return root.take() }
        if holdsInnerLists {
            _ = closeList(at: 0)
        } else if case .array(let count, _) = items[0] {
            items[0] = .array(count: count, end: items.count)
        }
        defer {
            items = []
            bytes = []
            holdsInnerLists = false
        }
        return .array(ReplyArray(items: items, bytes: bytes))
    }

    /// Notes in the list at `position`, and in those inside it, where each ends. The depth is at most
    /// `maximumDepth`.
    private mutating func closeList(at position: Int) -> Int {
        guard case .array(let count, _) = items[position] else { return position + 1 }
        var next = position + 1
        for _ in 0..<count { next = closeList(at: next) }
        items[position] = .array(count: count, end: next)
        return next
    }

    fileprivate mutating func add(_ type: Int32, _ text: UnsafeRawBufferPointer, isRoot: Bool) -> Bool {
        guard bytes.count + text.count <= maximumBytes else {
            isOverBudget = true
            return false
        }
        if isRoot {
            switch type {
            case REDIS_REPLY_STATUS: unsafe root = .status(String(decoding: text, as: UTF8.self))
            case REDIS_REPLY_ERROR:
                let error = ServerError(unsafe String(decoding: text, as: UTF8.self))
                hasRefusedCommand = error.refusesCommand
                root = .error(error)
            case REDIS_REPLY_STRING: unsafe root = .string([UInt8](text)[...])
            default: return refuse()
            }
            return true
        }
        let start = bytes.count
        unsafe bytes.append(contentsOf: text)
        return switch type {
        case REDIS_REPLY_STATUS: append(.status(start: start, end: bytes.count))
        case REDIS_REPLY_ERROR: append(.error(start: start, end: bytes.count))
        case REDIS_REPLY_STRING: append(.string(start: start, end: bytes.count))
        default: refuse()
        }
    }

    fileprivate mutating func refuse() -> Bool {
        isForeign = true
        return false
    }

    fileprivate mutating func add(_ reply: Reply, _ item: ReplyArray.Item, isRoot: Bool) -> Bool {
        guard !isRoot else {
            root = reply
            return true
        }
        return append(item)
    }

    fileprivate mutating func addList(count: Int, depth: Int, isRoot: Bool) -> Bool {
        guard depth <= Self.maximumDepth else {
            isTooDeep = true
            return false
        }
        if isRoot {
            items.reserveCapacity(min(count, Self.believedCount) + 1)
        } else {
            holdsInnerLists = true
        }
        return append(.array(count: count, end: 0))
    }

    private mutating func append(_ item: ReplyArray.Item) -> Bool {
        guard bytes.count + items.count * MemoryLayout<ReplyArray.Item>.stride <= maximumBytes else {
            isOverBudget = true
            return false
        }
        items.append(item)
        return true
    }
}

extension ReplyBuilder {
    /// The object functions given to hiredis, which keeps a pointer to them as long as a reader lives.
    // Safe to share: written once here, before any reader has it, and never freed.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        var functions = redisReplyObjectFunctions()
        unsafe functions.createString = { task, text, length in
            guard let task = unsafe task else { return nil }
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: length)
            return unsafe answer(task) { unsafe $0.add(task.pointee.type, bytes, isRoot: $1) }
        }
        unsafe functions.createArray = { task, count in
            guard let task = unsafe task else { return nil }
            return unsafe answer(task) {
                guard unsafe task.pointee.type == REDIS_REPLY_ARRAY else { return $0.refuse() }
                return unsafe $0.addList(count: Int(count), depth: depth(of: task), isRoot: $1)
            }
        }
        unsafe functions.createInteger = { task, value in
            guard let task = unsafe task else { return nil }
            return unsafe answer(task) { $0.add(.integer(value), .integer(value), isRoot: $1) }
        }
        unsafe functions.createNil = { task in
            guard let task = unsafe task else { return nil }
            return unsafe answer(task) {
                // RESP2 has null strings and null lists, RESP3 a null of no other type.
                let type = unsafe task.pointee.type
                guard type == REDIS_REPLY_STRING || type == REDIS_REPLY_ARRAY else { return $0.refuse() }
                return $0.add(.null, .null, isRoot: $1)
            }
        }
        // `freeObject` stays nil: there is no object to free.
        let pointer = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        unsafe pointer.initialize(to: functions)
        unsafe caches_refuse_resp3(pointer)
        return unsafe pointer
    }()

    private static func depth(of task: UnsafePointer<redisReadTask>) -> Int {
        var depth = 1
        var parent = unsafe task.pointee.parent
        while let next = unsafe parent {
            depth += 1
            unsafe parent = next.pointee.parent
        }
        return depth
    }

    /// Runs `body` on the builder of the reader that `task` belongs to. NULL tells hiredis to give up.
    private static func answer(
        _ task: UnsafePointer<redisReadTask>, _ body: (inout ReplyBuilder, _ isRoot: Bool) -> Bool
    ) -> UnsafeMutableRawPointer? {
        guard let context = unsafe task.pointee.privdata else { return nil }
        let builder = unsafe context.assumingMemoryBound(to: ReplyBuilder.self)
        return unsafe body(&builder.pointee, task.pointee.parent == nil) ? context : nil
    }
}
