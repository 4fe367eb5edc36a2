internal import COpenSSL

/// The sessions that servers offered to resume: a connection that is opened again saves the handshake's
/// certificates and signatures, most of its CPU time on both sides and a round trip on TLS 1.2.
///
/// A session is kept under the peer's address and the name that was verified, in a context that verifies the
/// same way: resuming it proves what the full handshake proved. Each is used once (RFC 8446, section C.4),
/// and a server that refuses it gets a full handshake.
final class TLSTickets: Sendable {
    // Safe: OpenSSL counts references to a session atomically; this is one, given back in deinit.
    @safe final class Ticket: @unchecked Sendable {
        fileprivate let session: OpaquePointer

        /// Takes over a reference.
        init(owning session: OpaquePointer) { unsafe self.session = session }

        deinit { unsafe SSL_SESSION_free(session) }

        /// Has a connection that begins its handshake offer it.
        func offer(on ssl: OpaquePointer) { unsafe _ = SSL_set_session(ssl, session) }
    }

    /// A limit above the number of nodes of any fleet.
    private static let mostKept = 1024

    private let tickets = Locked<[String: Ticket]>([:])

    func take(for peer: String) -> Ticket? { tickets.withLock { $0.removeValue(forKey: peer) } }

    func keep(_ ticket: Ticket, for peer: String) {
        tickets.withLock { tickets in
            if tickets.count >= Self.mostKept, tickets[peer] == nil { tickets.removeAll() }
            tickets[peer] = ticket
        }
    }
}
