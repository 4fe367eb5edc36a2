import CachesPlatform

/// An address that doesn't leave the machine.
enum LoopbackAddress {
    case ipv4(port: UInt16)
    case ipv6(port: UInt16)
    case unix(path: String)

    /// The longest path a unix socket can have: `sun_path` less its closing zero.
    static let maximumPathLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// A socket bound to the address, whose port is free or has no listener.
    func bound() throws(FleetError) -> Descriptor {
        let socket = try Descriptor.socket(family)
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        if case .ipv6 = self {
            unsafe setsockopt(socket.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
        }
        let result = unsafe withSocketAddress { address, length in
            unsafe bind(socket.number, address, length)
        }
        guard result == 0 else { throw .system("Can't bind \(self)") }
        return socket
    }

    /// Connects a blocking socket, within the time-out if one is given.
    func connected(timeout: Duration? = nil) throws(FleetError) -> Descriptor {
        let socket = try Descriptor.socket(family)
        if let timeout { socket.setTimeout(timeout) }
        let result = unsafe withSocketAddress { address, length in
            uninterrupted { unsafe connect(socket.number, address, length) }
        }
        guard result == 0 else { throw .system("Can't connect to \(self)") }
        return socket
    }

    /// The port that an IPv4 socket is bound to.
    static func port(of socket: borrowing Descriptor) throws(FleetError) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = socket.number
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        guard result == 0 else { throw .system("Can't read a socket's port") }
        return UInt16(bigEndian: address.sin_port)
    }

    private func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        func call<Address>(_ address: Address) -> Result {
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        switch self {
        case .ipv4(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return call(address)
        case .ipv6(let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return call(address)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
                // The last byte stays zero.
                unsafe field.dropLast().copyBytes(from: path.utf8.prefix(LoopbackAddress.maximumPathLength))
            }
            return call(address)
        }
    }
}

extension LoopbackAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .ipv4(let port): "127.0.0.1:\(port)"
        case .ipv6(let port): "[::1]:\(port)"
        case .unix(let path): path
        }
    }
}
