private import CachesPlatform

/// Turns endpoints into addresses.
///
/// Each connection looks its name up again, so that an address which changes is followed; a look-up that is
/// under way is shared (``LookUps``).
package struct Resolver: Sendable {
    /// The machine's name service.
    package static let system = Resolver { ($0, $1) }

    /// The host and port that replace a name's.
    package typealias Translation = @Sendable (_ host: String, _ port: Int) -> [(host: String, port: Int)]

    private let translate: Translation
    private let lookUps = LookUps()
    private let memory = SharedMemory()

    /// The state that copies of a resolver share.
    private final class SharedMemory: Sendable {
        let addresses = Locked(AddressMemory())
    }

    /// A name service that asks the machine's for another host and port. Tests use it to change the answers.
    package init(
        translating translate: @escaping @Sendable (_ host: String, _ port: Int) -> (host: String, port: Int)
    ) {
        self.translate = { [translate($0, $1)] }
    }

    /// The same for names with several addresses, in the order in which they are tried. None: the name
    /// service fails.
    package init(translatingToAll translate: @escaping Translation) {
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

    /// The addresses of a host name, at least one, in the order in which they are to be tried. `body` gets
    /// them on a thread that may block, when the name service has answered: that may be long after a
    /// connection's time is over.
    func addresses(ofHost name: String, port: Int, _ body: @escaping LookUps.Body) {
        let key = LookUps.Name(host: name, port: port)
        lookUp(key) { [memory] found in
            let memory = memory.addresses.withLock { $0 }
            switch found {
            case .success(let addresses): body(.success(memory.sorted(addresses, of: key)))
            // A name service that is out says nothing of the name: it led there before.
            case .failure(let error) where error.incident == .nameServiceFailed:
                body(memory.good(of: key).map { .success([$0]) } ?? found)
            case .failure: body(found)
            }
        }
    }

    /// Looks up where a name leads now.
    func lookUp(_ name: LookUps.Name, _ body: @escaping LookUps.Body) {
        lookUps.join(name, body) { () throws(CachesError) in
            try addresses(ofHost: name.host, port: name.port)
        }
    }

    /// A connection opened, or failed to, at an address of a name.
    func note(_ address: Address, of name: LookUps.Name, worked: Bool) {
        memory.addresses.withLock { memory in
            if worked { memory.worked(address, of: name) } else { memory.failed(address, of: name) }
        }
    }

    private func addresses(ofHost name: String, port number: Int) throws(CachesError) -> [Address] {
        var all: [Address] = []
        var failure = EAI_AGAIN
        for (host, port) in translate(name, number) {
            let (addresses, status) = Self.lookUp(host, port, flags: AI_ADDRCONFIG)
            all += addresses.filter { !all.contains($0) }
            failure = status
        }
        guard all.isEmpty else { return Array(all.prefix(Self.mostAddresses)) }
        // "No such name" is an answer; any other error is a failure of the name service.
        let isUnknown = Self.unknown.contains(failure)
        throw CachesError(
            .unreachable,
            "The host name \(name) could not be resolved: \(unsafe String(cString: gai_strerror(failure))).",
            advice: "Check the host in the DSN, and the name service of this machine."
        ).of(isUnknown ? .nameUnknown : .nameServiceFailed)
    }

    /// So many of a name's addresses are tried. Where an address refuses, the next is tried at once, and a
    /// name service may tell thousands.
    private static let mostAddresses = 32

    /// The errors of `getaddrinfo` for names that don't exist, or have no address.
    private static let unknown: Set<Int32> = {
        #if canImport(Glibc)
            // EAI_NODATA and EAI_ADDRFAMILY, which Swift's Glibc module leaves out.
            [EAI_NONAME, -5, -9]
        #else
            [EAI_NONAME]
        #endif
    }()

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
