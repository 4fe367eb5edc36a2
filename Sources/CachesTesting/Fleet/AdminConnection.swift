import CHiredis
import CachesPlatform

/// A blocking connection to a server's unix socket, as the fleet's own user. It owns hiredis' reader, which
/// never leaves this type.
///
/// hiredis' own connections are of no use here: children would inherit their sockets, and writing to a server
/// that has just been killed would raise SIGPIPE.
@safe struct AdminConnection: ~Copyable {
    private let socket: Descriptor
    private let reader: UnsafeMutablePointer<redisReader>

    /// Connects, and authenticates as an administrator, if one is given. `timeout` bounds each wait for the
    /// server.
    static func open(
        path: String, as administrator: Administrator?, timeout: Duration
    ) throws(FleetError) -> AdminConnection {
        let socket = try LoopbackAddress.unix(path: path).connected(timeout: timeout)
        guard let reader = unsafe redisReaderCreate() else {
            throw FleetError(.system, "hiredis has no memory for a reader.")
        }
        let connection = unsafe AdminConnection(socket: socket, reader: reader)
        if let administrator {
            _ = try connection.command(["AUTH", administrator.user, administrator.password])
        }
        return connection
    }

    private init(socket: consuming Descriptor, reader: UnsafeMutablePointer<redisReader>) {
        self.socket = socket
        unsafe self.reader = reader
    }

    deinit { unsafe redisReaderFree(reader) }

    /// Sends one command and waits for its reply. An error reply is thrown.
    @discardableResult
    func command(_ words: [String]) throws(FleetError) -> ServerReply {
        try commands([words.map { Array($0.utf8) }])[0]
    }

    /// Sends several commands at once, each made of words of bytes, and waits for their replies. The first
    /// error reply is thrown, when all have come.
    func commands(_ commands: [[[UInt8]]]) throws(FleetError) -> [ServerReply] {
        var bytes: [UInt8] = []
        for words in commands {
            bytes += Array("*\(words.count)\r\n".utf8)
            for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
        }
        func name(_ index: Int) -> String { String(decoding: commands[index].first ?? [], as: UTF8.self) }
        guard socket.sendAll(bytes) else { throw .system("Can't send \(name(0))") }
        var replies: [ServerReply] = []
        for _ in commands { replies.append(try nextReply()) }
        for (index, reply) in replies.enumerated() {
            if case .error(let message) = reply {
                throw FleetError(.commandFailed, "\(name(index)): \(message)")
            }
        }
        return replies
    }

    private func nextReply() throws(FleetError) -> ServerReply {
        while true {
            var pointer: UnsafeMutableRawPointer?
            guard unsafe redisReaderGetReply(reader, &pointer) == REDIS_OK else {
                throw FleetError(
                    .commandFailed, "Not RESP: \(unsafe String(cString: caches_reader_error(reader))).")
            }
            if let pointer = unsafe pointer {
                defer { unsafe freeReplyObject(pointer) }
                return unsafe ServerReply(pointer.assumingMemoryBound(to: redisReply.self).pointee)
            }
            guard let bytes = socket.receive() else {
                guard errno == EAGAIN else { throw .system("Can't read a reply") }
                throw FleetError(.timeout, "No reply came within the time-out.")
            }
            guard !bytes.isEmpty else {
                throw FleetError(.commandFailed, "The server closed the connection.")
            }
            _ = unsafe bytes.withUnsafeBytes { unsafe redisReaderFeed(reader, $0.baseAddress, $0.count) }
        }
    }
}

extension ServerReply {
    /// Copies a reply that hiredis has read.
    fileprivate init(_ reply: redisReply) {
        switch unsafe reply.type {
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_INTEGER: self = .integer(unsafe reply.integer)
        case REDIS_REPLY_ARRAY:
            self = .array(
                (0..<Int(unsafe reply.elements)).map { index in
                    unsafe reply.element[index].map { unsafe ServerReply($0.pointee) } ?? .null
                })
        default:
            let bytes = unsafe UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len))
            switch unsafe reply.type {
            case REDIS_REPLY_STATUS: self = .status(unsafe String(decoding: bytes, as: UTF8.self))
            case REDIS_REPLY_ERROR: self = .error(unsafe String(decoding: bytes, as: UTF8.self))
            default: self = .string(unsafe Array(bytes))
            }
        }
    }
}
