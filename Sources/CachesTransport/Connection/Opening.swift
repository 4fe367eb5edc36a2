/// How far the opening of a connection has come. Belongs to the loop's thread.
struct Opening {
    enum Stage: Equatable {
        /// With the name of the source that is asked.
        case locating(String)
        case preparing
        case queueing
        /// Until a unix socket has room for one more connection.
        case backlogged
        case connecting
        case securing
        case greeting
    }

    /// When it must be done.
    let deadline: Deadline

    var stage = Stage.preparing

    /// The attempts at addresses, while it is connecting.
    var race = AddressRace([])
    var attempts: [(attempt: ConnectAttempt, registration: EventLoop.Registration)] = []

    /// The address that was connected to.
    var address: Address?

    var tls: TLSContexts.Entry?

    var credentials: Credentials?

    /// Whether the connection is given its name.
    var isNamed = true

    /// The peer closed it when it was given its name.
    var wasRefusedWithName = false

    /// Bytes came over the present socket.
    var hasReceived = false

    /// How many bytes came, over all sockets.
    var receivedBytes = 0

    /// A greeting is never longer. 256 KiB: a chain of certificates has at most 100 KiB (OpenSSL), and `ROLE`
    /// says some 40 bytes of each replica.
    static let mostReceivedBytes = 256 << 10

    /// The failure of the last address.
    var failure: CachesError?

    init(deadline: Deadline) { self.deadline = deadline }
}

extension Opening.Stage: CustomStringConvertible {
    var description: String {
        switch self {
        case .locating(let what): what
        case .preparing: "the name look-up and reading certificates"
        case .queueing: "its turn among the pool's TLS handshakes"
        case .backlogged: "room in the queue of the socket, which is full of connections"
        case .connecting: "the TCP connection"
        case .securing: "the TLS handshake"
        case .greeting: "the server's answer to the first commands"
        }
    }
}

extension Opening.Stage {
    /// Advice if it goes no further.
    var advice: String {
        switch self {
        case .locating: "Check that those run which are asked."
        case .preparing: "Check the name service of this machine, or use a numeric address."
        case .queueing: "The pool opens very many TLS connections at once: look which servers close them."
        case .backlogged: "The server takes no connections: check whether it hangs, or raise its tcp-backlog."
        case .connecting: "Check that the server runs, and that no firewall drops the packets."
        case .securing:
            "A server without TLS on this port answers nothing (use redis:// then); "
                + "\(TLSFailure.certificateAdvice)"
        case .greeting: "The server accepts connections but does not answer: check whether it hangs."
        }
    }

    /// The incident if it took too long.
    var incident: Incident {
        switch self {
        case .locating: .placeUnknown
        // Name servers, providers of credentials and this machine's files: the server is not involved.
        case .preparing: .notPrepared
        case .queueing: .handshakesQueued
        case .backlogged, .connecting, .securing, .greeting: .openingTimedOut
        }
    }
}
