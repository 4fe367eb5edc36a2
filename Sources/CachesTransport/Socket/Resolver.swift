#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// Turns endpoints into addresses.
///
/// Names are asked for anew for each connection, so that an address which changes is followed; but for those that are
/// being asked for at that moment (``LookUps``).
package struct Resolver: Sendable {
    /// The machine's name service.
    package static let system = Resolver { ($0, $1) }

    private let translate: @Sendable (_ host: String, _ port: Int) -> (host: String, port: Int)
    private let lookUps = LookUps()

    /// A name service that asks the machine's for another host and port: what tests take for one whose answers
    /// change.
    package init(
        translating translate: @escaping @Sendable (_ host: String, _ port: Int) -> (host: String, port: Int)
    ) {
        self.translate = translate
    }

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

    /// The addresses of a host name, at least one. `body` gets them on a thread that may block, when the name service has
    /// answered: that may be long after a connection's time is over.
    func addresses(ofHost name: String, port: Int, _ body: @escaping LookUps.Body) {
        lookUps.join(LookUps.Name(host: name, port: port), body) { () throws(CachesError) in
            try addresses(ofHost: name, port: port)
        }
    }

    private func addresses(ofHost name: String, port number: Int) throws(CachesError) -> [Address] {
        let (host, port) = translate(name, number)
        let (addresses, status) = Self.lookUp(host, port, flags: AI_ADDRCONFIG)
        guard addresses.isEmpty else { return addresses }
        throw CachesError(
            .unreachable,
            "The host name \(name) could not be resolved: \(unsafe String(cString: gai_strerror(status))).",
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
