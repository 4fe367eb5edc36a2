internal import COpenSSL

/// TLS for one connection: bytes in, bytes out. It opens no socket.
///
/// OpenSSL works on two memory buffers, so that whole batches are sealed into full records and one system call
/// carries many of them. A record for each command would cost ten times as much.
///
/// Two parties use it at once, the loop to read and the holder of the connection's duty to write: a lock of its
/// own is held while OpenSSL computes, and never during a system call. It is taken inside no other lock, and
/// none is taken inside it.
final class TLSSession: Sendable {
    /// How far a handshake has come.
    enum Handshake { case goesOn, finished }

    /// What ``open(_:into:)`` found.
    struct Opened {
        /// Bytes of plain text that were written to the buffer.
        var count: Int
        /// The buffer was filled: call again.
        var hasMore: Bool
        /// The peer said that it will send no more.
        var peerClosed: Bool
        /// OpenSSL has something to send by itself, such as a key update.
        var mustSend: Bool
    }

    // Safe, and safe to send: the pointer belongs to this value alone, which can't be copied, and is freed in its
    // deinit. The two memory buffers belong to the SSL object, which minds no change of thread.
    @safe private struct Engine: ~Copyable, @unchecked Sendable {
        let ssl: OpaquePointer
        let incoming: OpaquePointer
        let outgoing: OpaquePointer

        deinit { unsafe SSL_free(ssl) }

        /// Gives OpenSSL what the peer sent. A memory buffer takes everything.
        func take(_ received: UnsafeRawBufferPointer) {
            guard unsafe !received.isEmpty else { return }
            _ = unsafe BIO_write(incoming, received.baseAddress, Int32(received.count))
        }

        /// Moves what OpenSSL wants to send to `wire`.
        func drain(into wire: inout OutgoingBuffer) {
            let pending = unsafe caches_BIO_ctrl_pending(outgoing)
            guard pending > 0 else { return }
            unsafe wire.append(atMost: pending) { target in
                max(0, Int(unsafe BIO_read(outgoing, target, Int32(pending))))
            }
        }
    }

    private let engine: Guarded<Engine>
    private let verification: TLSConfiguration.Verification
    private let expectedName: String

    // Keeps the context for the next connection to find.
    private let context: TLSContext

    /// - Parameter host: The host of the node's own DSN. It is verified even where the node is reached by
    ///   another address.
    init(_ context: TLSContext, _ configuration: TLSConfiguration, host: String) throws(CachesError) {
        expectedName = configuration.serverName ?? host
        verification = configuration.verification
        guard let ssl = unsafe SSL_new(context.pointer) else {
            throw CachesError(.tls, "OpenSSL can't make a TLS session: \(OpenSSLError.take()).")
        }
        guard let incoming = unsafe BIO_new(BIO_s_mem()), let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(ssl)
            throw CachesError(.tls, "OpenSSL can't make a memory buffer: \(OpenSSLError.take()).")
        }
        // An empty buffer means "wait", not "the end".
        unsafe _ = caches_BIO_set_mem_eof_return(incoming, -1)
        unsafe _ = caches_BIO_set_mem_eof_return(outgoing, -1)
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe SSL_set_connect_state(ssl)
        let isAddress = Self.isAddress(expectedName)
        if !isAddress { unsafe _ = caches_SSL_set_tlsext_host_name(ssl, expectedName) }
        if configuration.verification == .full {
            unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            let isSet =
                isAddress
                ? unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), expectedName)
                : unsafe SSL_set1_host(ssl, expectedName)
            // OpenSSL takes an empty name for the wish to check none.
            guard isSet == 1, !expectedName.isEmpty else {
                unsafe SSL_free(ssl)
                throw CachesError(
                    .configuration, "`\(expectedName)` is not a name that a certificate can carry.",
                    advice: "Give the host's name, or set sni=NAME.")
            }
        }
        self.context = context
        engine = unsafe Guarded(Engine(ssl: ssl, incoming: incoming, outgoing: outgoing))
    }

    /// Goes on with the handshake, given what the peer sent and appending what it must be sent.
    /// - Throws: ``CachesError`` `.tls`. What was appended before it is an alert that the peer should get.
    func shakeHands(
        _ received: UnsafeRawBufferPointer, _ reply: inout OutgoingBuffer
    ) throws(CachesError) -> Handshake {
        let failure: TLSFailure? = engine.withLock { engine in
            unsafe engine.take(received)
            ERR_clear_error()
            let status = unsafe SSL_do_handshake(engine.ssl)
            let problem = unsafe SSL_get_error(engine.ssl, status)
            engine.drain(into: &reply)
            if status == 1 { return nil }
            let result = unsafe SSL_get_verify_result(engine.ssl)
            return TLSFailure(problem, verifyResult: verification == .none ? Int(X509_V_OK) : result)
        }
        switch failure {
        case nil: return .finished
        case .wantsMore: return .goesOn
        case .some(let failure): throw failure.error(expectedName: expectedName)
        }
    }

    /// Encrypts all of `plain` into records appended to `wire`, and empties it. Appends whatever else OpenSSL
    /// has to send.
    func seal(_ plain: inout OutgoingBuffer, into wire: inout OutgoingBuffer) throws(CachesError) {
        let failed: Bool = engine.withLock { engine in
            while !plain.isEmpty {
                ERR_clear_error()
                var written = 0
                let status = unsafe plain.withPending {
                    unsafe SSL_write_ex(engine.ssl, $0.baseAddress, $0.count, &written)
                }
                guard status == 1 else { return true }
                plain.consume(written)
                // Record by record: the memory buffer would keep the size of the largest batch for ever.
                engine.drain(into: &wire)
            }
            engine.drain(into: &wire)
            return false
        }
        guard !failed else { throw CachesError(.tls, "OpenSSL failed to encrypt: \(OpenSSLError.take()).") }
    }

    /// Decrypts what the peer sent, and what was left from the last time, as far as `buffer` takes it.
    func open(
        _ received: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
    ) throws(CachesError) -> Opened {
        let (opened, failure): (Opened, String?) = engine.withLock { engine in
            unsafe engine.take(received)
            var count = 0
            var result = Opened(count: 0, hasMore: false, peerClosed: false, mustSend: false)
            var failure: String?
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
                default: failure = OpenSSLError.take()
                }
                break
            }
            result.count = count
            result.mustSend = unsafe caches_BIO_ctrl_pending(engine.outgoing) > 0
            return (result, failure)
        }
        if let failure {
            throw CachesError(
                .tls, "The TLS connection broke: \(failure).",
                advice:
                    "With `certificate required` or `unknown ca`, set `cert` and `key` to what the server wants."
            )
        }
        return opened
    }

    /// Appends a notice that nothing more will be sent.
    func sayGoodbye(_ wire: inout OutgoingBuffer) {
        engine.withLock { engine in
            unsafe _ = SSL_shutdown(engine.ssl)
            ERR_clear_error()
            engine.drain(into: &wire)
        }
    }

    /// The protocol version and the cipher that were agreed on, such as `TLSv1.3` and `TLS_AES_256_GCM_SHA384`.
    var agreement: (version: String, cipher: String) {
        engine.withLock { engine in
            let version = unsafe String(cString: SSL_get_version(engine.ssl))
            guard let cipher = unsafe SSL_get_current_cipher(engine.ssl) else { return (version, "none") }
            return unsafe (version, String(cString: SSL_CIPHER_get_name(cipher)))
        }
    }

    /// The chain that the server showed, its own certificate first; empty if it showed none.
    var certificates: [Certificate] {
        engine.withLock { engine in
            guard let chain = unsafe SSL_get_peer_cert_chain(engine.ssl) else { return [] }
            return (0..<max(0, unsafe caches_chain_count(chain))).compactMap { index in
                unsafe caches_chain_item(chain, index).map { unsafe Certificate($0) }
            }
        }
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let parsed = unsafe a2i_IPADDRESS(name) else { return false }
        unsafe ASN1_OCTET_STRING_free(parsed)
        return true
    }
}
