internal import CachesPlatform

/// A socket address, to which a host name resolves.
struct Address: Hashable, Sendable {
    /// The bytes of a `sockaddr`, as the system wants them.
    private let bytes: [UInt8]

    let family: Int32

    /// Copies `length` bytes from `pointer`.
    init(_ pointer: UnsafePointer<sockaddr>, length: Int) {
        unsafe family = Int32(pointer.pointee.sa_family)
        unsafe bytes = [UInt8](UnsafeRawBufferPointer(start: pointer, count: length))
    }

    /// The address of a unix domain socket, nil if the path is too long for one (107 bytes on Linux).
    init?(unixPath path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(path.utf8)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            // One byte stays zero, to end the path.
            guard path.count < target.count else { return false }
            unsafe target.copyBytes(from: path)
            return true
        }
        guard fits else { return nil }
        family = Int32(AF_UNIX)
        bytes = unsafe withUnsafeBytes(of: &address) { unsafe [UInt8]($0) }
    }

    func withSockAddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { buffer in
            // sockaddr is two integers of at most 2 bytes and a byte array; an array's storage is aligned to
            // 16.
            guard let base = buffer.baseAddress else { preconditionFailure("an address has bytes") }
            return unsafe body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }
}
