#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// Turns endpoints into addresses.
///
/// Names are asked for anew for each connection, so that an address which changes is followed.
enum Resolver {
    /// The addresses of an endpoint that need no look-up: of a unix socket or a numeric address. nil: it is a
    /// name.
    static func literalAddresses(of endpoint: Endpoint) throws(CachesError) -> [Address]? {
        switch endpoint {
        case .unix(let path):
            guard let address = Address(unixPath: path) else {
                throw CachesError(
                    .configuration, "The socket path \(path) is longer than unix sockets allow.",
                    advice: "Use a path of at most 103 bytes.")
            }
            return [address]
        case .tcp(let host, let port):
            let (addresses, _) = lookUp(host, port, flags: AI_NUMERICHOST)
            return addresses.isEmpty ? nil : addresses
        }
    }

    /// The addresses of a host name, at least one. Blocks for as long as the name service takes.
    static func addresses(ofHost host: String, port: Int) throws(CachesError) -> [Address] {
        let (addresses, status) = lookUp(host, port, flags: AI_ADDRCONFIG)
        guard addresses.isEmpty else { return addresses }
        throw CachesError(
            .unreachable,
            "The host name \(host) could not be resolved: \(unsafe String(cString: gai_strerror(status))).",
            advice: "Check the host in the DSN, and the name service of this machine.")
    }

    private static func lookUp(_ host: String, _ port: Int, flags: Int32) -> (
        addresses: [Address], status: Int32
    ) {
        var hints = unsafe addrinfo()
        #if os(Linux)
            unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        unsafe hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        var addresses: [Address] = []
        var entry = unsafe list
        while status == 0, let info = unsafe entry {
            if let address = unsafe info.pointee.ai_addr {
                unsafe addresses.append(Address(address, length: Int(info.pointee.ai_addrlen)))
            }
            unsafe entry = info.pointee.ai_next
        }
        return (addresses, status)
    }
}
