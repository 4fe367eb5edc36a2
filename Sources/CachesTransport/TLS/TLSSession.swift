internal import COpenSSL

/// TLS for one connection: bytes in, bytes out. It opens no socket.
///
/// OpenSSL works on the connection's own buffers (``RecordPipe``), so that whole batches are sealed into full
/// records and one system call carries many of them. A record for each command would cost ten times as much.
/// Sealed bytes are copied once between OpenSSL and the buffer that is sent, received ones once before they
/// are decrypted.
///
/// **Why not kernel TLS** (`SSL_OP_ENABLE_KTLS`). It makes sense where data goes from a file to a socket and
/// never through the process (`sendfile`). Here every byte is made or read by the process, and the kernel
/// would do the same encryption at the same speed, on the same core. Receiving gets dearer: the kernel hands
/// out one record a system call (`recvmsg` with its control message, Linux's
/// Documentation/networking/tls.rst), where one `recv` now takes in up to 64 KiB of records. And it needs the
/// `tls` module, which stock kernels of clouds and containers don't load
/// (`/proc/sys/net/ipv4/tcp_available_ulp`). It would save one copy of a batch. So it is left out.
///
/// Two parties use it at once, the loop to read and the holder of the connection's duty to write: a lock of
/// its own is held while OpenSSL computes, and never during a system call. It is taken inside no other lock,
/// and none is taken inside it.
final class TLSSession: Sendable {
    /// How far a handshake has come.
    enum Handshake { case goesOn, finished }

    /// The result of ``open(_:into:)``.
    struct Opened {
        /// Bytes of plain text that were written to the buffer.
        var count: Int
        /// The buffer was filled: call again.
        var hasMore: Bool
        /// The peer said that it will send no more.
        var peerClosed: Bool
        /// OpenSSL has something to send by itself, such as a key update.
        var mustSend: Bool
        /// Why the bytes after these can't be decrypted, if so: these are good, and the last ones.
        var failure: CachesError?
    }

    // Safe, and safe to send: both pointers belong to this value alone, which can't be copied, and are freed
    // in its deinit, the pipe after the SSL object that uses it. OpenSSL may be called from changing threads.
    @safe private struct Engine: ~Copyable, @unchecked Sendable {
        let ssl: OpaquePointer
        let pipe: UnsafeMutablePointer<RecordPipe>

        deinit {
            unsafe SSL_free(ssl)
            unsafe pipe.deinitialize(count: 1)
            unsafe pipe.deallocate()
        }

        /// Whether the peer has shown who it is, in this handshake or in the one that is resumed.
        var hasPeerCertificate: Bool {
            guard let certificate = unsafe caches_SSL_get_peer_certificate(ssl) else { return false }
            unsafe X509_free(certificate)
            return true
        }

        /// Moves the bytes that OpenSSL wants to send to `wire`.
        func drain(into wire: inout OutgoingBuffer) {
            unsafe pipe.pointee.outgoing.withPending { unsafe wire.append($0) }
            unsafe pipe.pointee.outgoing.consume(pipe.pointee.outgoing.count)
        }
    }

    private let engine: Locked<Engine>
    private let configuration: TLSConfiguration
    private let expectedName: String
    private let host: String

    // Keeps the context while the connection may resume, or add to, its tickets.
    private let context: TLSContext

    /// The key under which the peer's tickets are kept.
    private let peer: String

    /// The ticket that the server was shown.
    private let offered: TLSTickets.Ticket?

    /// - Parameter host: The host that is connected to, and verified unless the configuration says another
    ///   name.
    init(
        _ context: TLSContext, _ configuration: TLSConfiguration, host: String, port: Int
    ) throws(CachesError) {
        expectedName = (configuration.serverName ?? host).withoutRoot
        self.host = host
        peer = "\(expectedName) \(host) \(port)"
        self.configuration = configuration
        self.context = context
        offered = context.tickets.take(for: peer)
        guard let ssl = unsafe SSL_new(context.pointer) else {
            throw CachesError(.tls, "OpenSSL can't make a TLS session: \(OpenSSLError.take()).")
        }
        let pipe = UnsafeMutablePointer<RecordPipe>.allocate(capacity: 1)
        unsafe pipe.initialize(to: RecordPipe())
        engine = unsafe Locked(Engine(ssl: ssl, pipe: pipe))
        guard unsafe RecordPipe.attach(pipe, to: ssl) else {
            throw CachesError(.tls, "OpenSSL can't make a buffer: \(OpenSSLError.take()).")
        }
        unsafe SSL_set_connect_state(ssl)
        unsafe try Self.expect(
            expectedName, or: configuration.otherNames.map(\.withoutRoot), configuration.verification,
            on: ssl)
        if let offered { unsafe offered.offer(on: ssl) }
    }

    /// Sets the name that is asked for (SNI, RFC 6066: names, not addresses) and verified.
    private static func expect(
        _ name: String, or others: [String], _ verification: TLSConfiguration.Verification,
        on ssl: OpaquePointer
    ) throws(CachesError) {
        let isAddress = isAddress(name)
        if !isAddress { unsafe _ = caches_SSL_set_tlsext_host_name(ssl, name) }
        guard verification == .full else { return }
        // A common name is a text of the subject, and may be anything (RFC 9525, section 2).
        unsafe SSL_set_hostflags(
            ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        let isSet =
            isAddress
            ? unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name)
            : unsafe SSL_set1_host(ssl, name)
        // OpenSSL checks no name if it is given an empty one.
        guard isSet == 1, !name.isEmpty else { throw cannotBeCarried(name) }
        for other in others {
            guard unsafe SSL_add1_host(ssl, other) == 1, !other.isEmpty else { throw cannotBeCarried(other) }
        }
    }

    private static func cannotBeCarried(_ name: String) -> CachesError {
        CachesError(
            .configuration, "`\(name)` is not a name that a certificate can carry.",
            advice: "Give the host's name, or set sni=NAME.")
    }

    /// Continues the handshake with the peer's bytes, and appends the bytes to send.
    /// - Throws: ``CachesError`` `.tls`. An alert that the peer should get may have been appended before.
    func shakeHands(
        _ received: UnsafeRawBufferPointer, _ reply: inout OutgoingBuffer
    ) throws(CachesError) -> Handshake {
        let (failure, ticket): (TLSFailure?, TLSTickets.Ticket?) = engine.withLock { engine in
            unsafe engine.pipe.pointee.lend(received)
            ERR_clear_error()
            let status = unsafe SSL_do_handshake(engine.ssl)
            let problem = unsafe SSL_get_error(engine.ssl, status)
            unsafe engine.pipe.pointee.takeBack()
            engine.drain(into: &reply)
            let ticket = unsafe engine.pipe.pointee.takeTicket()
            guard status != 1 else {
                guard configuration.verification == .none || engine.hasPeerCertificate else {
                    return (.handshake(reason: "the server showed no certificate"), nil)
                }
                // TLS 1.2 has no new one for each connection: there the same may be shown again.
                let isReusable =
                    unsafe SSL_session_reused(engine.ssl) == 1 && SSL_version(engine.ssl) < TLS1_3_VERSION
                return (nil, ticket ?? (isReusable ? offered : nil))
            }
            return (TLSFailure(problem, unsafe engine.pipe.pointee.rejection), ticket)
        }
        if let ticket { context.tickets.keep(ticket, for: peer) }
        switch failure {
        case nil: return .finished
        case .wantsMore: return .goesOn
        case .some(let failure):
            let names = [expectedName] + configuration.otherNames
            throw failure.error(configuration, expectedName: names.joined(separator: " or "), host: host)
        }
    }

    /// Encrypts all of `plain` into records appended to `wire`, and empties it. Also appends any other bytes
    /// that OpenSSL has to send.
    func seal(_ plain: inout OutgoingBuffer, into wire: inout OutgoingBuffer) throws(CachesError) {
        let failed: Bool = engine.withLock { engine in
            engine.drain(into: &wire)
            // OpenSSL writes to the wire itself.
            unsafe swap(&wire, &engine.pipe.pointee.outgoing)
            defer { unsafe swap(&wire, &engine.pipe.pointee.outgoing) }
            while !plain.isEmpty {
                ERR_clear_error()
                var written = 0
                let status = unsafe plain.withPending {
                    unsafe SSL_write_ex(engine.ssl, $0.baseAddress, $0.count, &written)
                }
                guard status == 1 else { return true }
                plain.consume(written)
            }
            return false
        }
        guard !failed else { throw CachesError(.tls, "OpenSSL failed to encrypt: \(OpenSSLError.take()).") }
    }

    /// Decrypts the peer's bytes, and those left from the last call, as far as `buffer` has room.
    func open(_ received: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) -> Opened {
        let (opened, ticket): (Opened, TLSTickets.Ticket?) = engine.withLock { engine in
            unsafe engine.pipe.pointee.lend(received)
            var count = 0
            var result = Opened(count: 0, hasMore: false, peerClosed: false, mustSend: false)
            while true {
                guard count < buffer.count else {
                    result.hasMore = true
                    break
                }
                ERR_clear_error()
                var read = 0
                let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                let status = unsafe SSL_read_ex(engine.ssl, target.baseAddress, target.count, &read)
                if status == 1 {
                    count += read
                    continue
                }
                switch unsafe SSL_get_error(engine.ssl, 0) {
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
                case SSL_ERROR_ZERO_RETURN: result.peerClosed = true
                default: result.failure = TLSFailure.broken(OpenSSLError.take(), configuration)
                }
                break
            }
            unsafe engine.pipe.pointee.takeBack()
            result.count = count
            result.mustSend = unsafe !engine.pipe.pointee.outgoing.isEmpty
            return (result, unsafe engine.pipe.pointee.takeTicket())
        }
        if let ticket { context.tickets.keep(ticket, for: peer) }
        return opened
    }

    /// Appends a notice that nothing more will be sent.
    func sendCloseNotify(_ wire: inout OutgoingBuffer) {
        engine.withLock { engine in
            unsafe _ = SSL_shutdown(engine.ssl)
            ERR_clear_error()
            engine.drain(into: &wire)
        }
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let parsed = unsafe a2i_IPADDRESS(name) else { return false }
        unsafe ASN1_OCTET_STRING_free(parsed)
        return true
    }
}

/// The result of the handshake: protocol, cipher and peer.
struct TLSAgreement: Sendable {
    /// The version, such as `TLSv1.3`.
    var version: String

    /// The cipher, such as `TLS_AES_256_GCM_SHA384`.
    var cipher: String

    /// The certificates that the server showed, its own first.
    var certificates: [Certificate] = []

    /// Whether the handshake resumed an earlier connection's session.
    var isResumed: Bool
}

extension TLSSession {
    /// The result of the handshake.
    var agreement: TLSAgreement {
        engine.withLock { engine in
            let cipher = unsafe SSL_get_current_cipher(engine.ssl)
            var agreement = TLSAgreement(
                version: unsafe String(cString: SSL_get_version(engine.ssl)),
                cipher: unsafe cipher.map { unsafe String(cString: SSL_CIPHER_get_name($0)) } ?? "none",
                isResumed: unsafe SSL_session_reused(engine.ssl) == 1)
            guard let chain = unsafe SSL_get_peer_cert_chain(engine.ssl) else { return agreement }
            agreement.certificates = (0..<max(0, unsafe caches_chain_count(chain))).compactMap { index in
                unsafe caches_chain_item(chain, index).map { unsafe Certificate($0) }
            }
            return agreement
        }
    }
}
