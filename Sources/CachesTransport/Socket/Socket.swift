private import CachesPlatform

/// A non-blocking stream socket. Its opener closes it: see `ConnectionStateMachine`.
struct Socket: Sendable {
    let descriptor: Int32

    enum Progress {
        /// So many bytes were moved.
        case moved(Int)
        case wouldBlock
        /// The peer will send no more.
        case ended
        case failed(SystemError)
    }

    /// Begins to connect. The socket becomes writable when that has succeeded or failed; ``connectionError``
    /// says which.
    static func connect(to address: Address) -> Result<Socket, SystemError> {
        #if os(Linux)
            let type =
                Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return .failure(.current) }
        let socket = Socket(descriptor: descriptor)
        socket.configure(isTCP: address.family != AF_UNIX)
        let status = unsafe address.withSockAddr { unsafe systemConnect(descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS || errno == EINTR else {
            let error = SystemError.current
            socket.close()
            return .failure(error)
        }
        return .success(socket)
    }

    private func configure(isTCP: Bool) {
        #if canImport(Darwin)
            _ = unsafe fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = unsafe fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            set(SOL_SOCKET, SO_NOSIGPIPE)
        #endif
        guard isTCP else { return }
        // Batching is ours to do; the kernel must not hold back the last segment for it.
        set(Int32(IPPROTO_TCP), TCP_NODELAY)
        // A peer that vanished without a word is noticed even if nobody asks it anything.
        set(SOL_SOCKET, SO_KEEPALIVE)
    }

    private func set(_ level: Int32, _ option: Int32) {
        var yes: Int32 = 1
        unsafe _ = setsockopt(descriptor, level, option, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The error of connecting, nil if it succeeded.
    var connectionError: SystemError? {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else {
            return .current
        }
        return number == 0 ? nil : SystemError(number: number)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Progress {
        while true {
            #if canImport(Darwin)
                let count = unsafe systemSend(descriptor, bytes.baseAddress, bytes.count, 0)
            #else
                let count = unsafe systemSend(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            #endif
            if count >= 0 { return .moved(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock
            default: return .failed(.current)
            }
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock
            default: return .failed(.current)
            }
        }
    }

    /// Has ``close()`` discard bytes that the peer has not got yet; otherwise the kernel would go on sending
    /// them.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe _ = setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func close() { _ = systemClose(descriptor) }
}

extension SystemError {
    /// Whether a unix socket has no room for one more connection. On TCP the number means that there is no
    /// port left.
    func meansFullBacklog(of address: Address) -> Bool {
        address.family == AF_UNIX && (number == EAGAIN || number == EWOULDBLOCK)
    }
}

// The methods above hide the functions of the same names.
private func systemConnect(
    _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> Int32 { unsafe connect(descriptor, address, length) }

private func systemSend(
    _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32
) -> Int { unsafe send(descriptor, bytes, count, flags) }

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
