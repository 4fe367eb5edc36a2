import CachesPlatform

/// An open file descriptor and its only owner: closed when this value's life ends.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    /// Takes over a descriptor that no other code will close.
    init(owning number: Int32) { self.number = number }

    deinit { close(number) }
}

extension Descriptor {
    /// A new socket that no child inherits.
    static func socket(_ family: Int32) throws(FleetError) -> Descriptor {
        #if canImport(Darwin)
            let number = CachesPlatform.socket(family, SOCK_STREAM, 0)
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        #else
            let number = streamSocket(family)
        #endif
        guard number >= 0 else { throw .system("Can't make a socket") }
        return Descriptor(owning: number)
    }

    /// Two connected sockets that no child inherits.
    static func socketPair() throws(FleetError) -> DescriptorPair {
        var numbers: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let result = unsafe socketpair(AF_UNIX, SOCK_STREAM, 0, &numbers)
            for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        #else
            let result = unsafe socketpair(AF_UNIX, streamCloseOnExec, 0, &numbers)
        #endif
        guard result == 0 else { throw .system("Can't make a pair of sockets") }
        return DescriptorPair(ours: Descriptor(owning: numbers[0]), theirs: Descriptor(owning: numbers[1]))
    }

    /// Makes a bound socket listen, without blocking in ``accept()``.
    func listen(backlog: Int32) throws(FleetError) {
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        guard sysListen(number, backlog) == 0 else { throw .system("Can't listen") }
    }

    /// The next connection of a listening, non-blocking socket as a non-blocking one, nil if none waits.
    func accept() -> Descriptor? {
        let connection = sysAccept(number, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        return Descriptor(owning: connection)
    }

    /// Sends all bytes on a blocking socket. False if the peer has gone.
    func sendAll(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = send(rest)
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// One `send`, never raising SIGPIPE: how many bytes were taken, or -1 with `errno` set.
    func send(_ bytes: ArraySlice<UInt8>) -> Int {
        unsafe bytes.withUnsafeBytes { buffer in
            uninterrupted { unsafe sysSend(number, buffer.baseAddress, buffer.count, noSignal) }
        }
    }

    /// One `recv`: the bytes, none at the end of the stream, or nil with `errno` set.
    func receive(atMost count: Int = 16_384) -> [UInt8]? {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let received = uninterrupted { unsafe recv(number, buffer.baseAddress, count, 0) }
            failed = received < 0
            filled = max(0, received)
        }
        return failed ? nil : bytes
    }

    /// Closing will drop unsent bytes and send RST.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Bounds each blocking `send`, `recv` and `connect`.
    func setTimeout(_ timeout: Duration) {
        var time = timeval(timeout)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }
}

/// The two ends of a pair of sockets: a tuple can't hold noncopyable values.
struct DescriptorPair: ~Copyable {
    let ours: Descriptor
    let theirs: Descriptor
}

extension timeval {
    /// A duration, at least one microsecond: zero would mean for ever.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = attoseconds / 1_000_000_000_000
        guard seconds > 0 || microseconds > 0 else {
            self.init(tv_sec: 0, tv_usec: 1)
            return
        }
        self.init(tv_sec: numericCast(seconds), tv_usec: numericCast(microseconds))
    }
}

// Inside `Descriptor`, `accept`, `listen` and `send` mean its own functions.
private let sysAccept = unsafe CachesPlatform.accept
private let sysListen = CachesPlatform.listen
private let sysSend = unsafe CachesPlatform.send

#if canImport(Darwin)
    private let noSignal: Int32 = 0  // Darwin has no MSG_NOSIGNAL; a test process there ignores SIGPIPE.
#else
    private let noSignal = Int32(MSG_NOSIGNAL)
    #if canImport(Glibc)
        private let streamCloseOnExec = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    #else
        private let streamCloseOnExec = SOCK_STREAM | SOCK_CLOEXEC
    #endif
    private func streamSocket(_ family: Int32) -> Int32 { socket(family, streamCloseOnExec, 0) }
#endif
