internal import COpenSSL

/// The layer between OpenSSL and a connection's buffers. Also keeps the results that OpenSSL reports during a
/// call.
///
/// OpenSSL reads records straight from the bytes that were received and writes them straight to those that
/// will be sent, by a BIO of our own. A memory BIO in that place would copy both once more.
// Safe: received bytes are lent from `lend` to `takeBack`, inside one call of the session; this value owns
// the reference to the session and can't be copied.
@safe struct RecordPipe: ~Copyable {
    /// A certificate that was not accepted.
    struct Rejection {
        var code: Int32
        /// 0 for the server's own, 1 for its issuer's, and so on.
        var depth: Int32
        var certificate: Certificate?
    }

    /// Lent for the time of one call.
    var received = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    private var position = 0

    /// Received bytes that a call did not read, for the next one.
    private var carried: [UInt8] = []

    /// Bytes that OpenSSL wants to send.
    var outgoing = OutgoingBuffer()

    var rejection: Rejection?

    /// A session that can be resumed: a reference to be given back.
    var session: OpaquePointer?

    init() {}

    deinit { if let session = unsafe session { unsafe SSL_SESSION_free(session) } }

    /// Hands over the resumable session, once.
    mutating func takeTicket() -> TLSTickets.Ticket? {
        guard let session = unsafe session else { return nil }
        unsafe self.session = nil
        return unsafe TLSTickets.Ticket(owning: session)
    }

    /// Lends bytes that were received to the calls that follow.
    mutating func lend(_ bytes: UnsafeRawBufferPointer) {
        position = 0
        if carried.isEmpty {
            unsafe received = bytes
        } else {
            unsafe carried.append(contentsOf: bytes)
        }
    }

    /// Ends the loan. Unread bytes are kept: a handshake may end before the bytes do.
    mutating func takeBack() {
        if carried.isEmpty {
            if unsafe position < received.count {
                unsafe carried = Array(UnsafeRawBufferPointer(rebasing: received[position...]))
            }
        } else {
            carried.removeFirst(position)
        }
        position = 0
        unsafe received = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Gives OpenSSL the next bytes; 0 for none.
    private mutating func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let start = position
        let count =
            unsafe carried.isEmpty
            ? Self.copy(received, from: start, to: target)
            : carried.withUnsafeBytes { unsafe Self.copy($0, from: start, to: target) }
        position += count
        return count
    }

    private static func copy(
        _ source: UnsafeRawBufferPointer, from start: Int, to target: UnsafeMutableRawBufferPointer
    ) -> Int {
        let count = min(target.count, source.count - start)
        guard count > 0 else { return 0 }
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + count)]))
        return count
    }
}

// MARK: - OpenSSL's side

extension RecordPipe {
    /// Where a session's pipe hangs: OpenSSL's slot for applications (`SSL_set_app_data`).
    private static let slot: Int32 = 0

    /// Makes a BIO over a pipe that outlives it; nil if OpenSSL has no memory. `ssl` owns it from then on.
    static func attach(_ pipe: UnsafeMutablePointer<RecordPipe>, to ssl: OpaquePointer) -> Bool {
        guard let method = unsafe method, let bio = unsafe BIO_new(method) else { return false }
        unsafe BIO_set_data(bio, pipe)
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(ssl, bio, bio)
        return unsafe SSL_set_ex_data(ssl, slot, pipe) == 1
    }

    private static func pipe(of ssl: OpaquePointer?) -> UnsafeMutablePointer<RecordPipe>? {
        unsafe SSL_get_ex_data(ssl, slot)?.assumingMemoryBound(to: RecordPipe.self)
    }

    private static func pipe(ofBIO bio: OpaquePointer?) -> UnsafeMutablePointer<RecordPipe>? {
        unsafe BIO_get_data(bio)?.assumingMemoryBound(to: RecordPipe.self)
    }

    // Safe: made once, never changed afterwards, never freed.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "caches") else {
            return nil
        }
        unsafe BIO_meth_set_write(method) { bio, bytes, count in
            unsafe caches_BIO_clear_retry_flags(bio)
            guard let pipe = unsafe RecordPipe.pipe(ofBIO: bio), count > 0 else { return 0 }
            unsafe pipe.pointee.outgoing.append(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        unsafe BIO_meth_set_read(method) { bio, target, count in
            unsafe caches_BIO_clear_retry_flags(bio)
            guard let pipe = unsafe RecordPipe.pipe(ofBIO: bio), count > 0 else { return 0 }
            let read = unsafe pipe.pointee.read(
                into: UnsafeMutableRawBufferPointer(start: target, count: Int(count)))
            guard read == 0 else { return Int32(read) }
            unsafe caches_BIO_set_retry_read(bio)
            return -1
        }
        // There is nothing to flush; other requests are for BIOs of other kinds.
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return unsafe method
    }()

    /// Has a context's sessions note in their pipes which certificate was refused, and which session can be
    /// resumed.
    static func installCallbacks(on context: OpaquePointer, verifies: Bool) {
        if verifies {
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { isAccepted, store in
                guard isAccepted != 1 else { return 1 }
                // Revocation: a list of the server's own issuer is required, those above it are used where
                // there are some.
                if unsafe X509_STORE_CTX_get_error(store) == X509_V_ERR_UNABLE_TO_GET_CRL,
                    unsafe X509_STORE_CTX_get_error_depth(store) > 0
                {
                    unsafe X509_STORE_CTX_set_error(store, X509_V_OK)
                    return 1
                }
                let ssl = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
                guard let ssl = unsafe ssl, let pipe = unsafe RecordPipe.pipe(of: OpaquePointer(ssl)) else {
                    return 0
                }
                let certificate = unsafe X509_STORE_CTX_get_current_cert(store)
                unsafe pipe.pointee.rejection = Rejection(
                    code: X509_STORE_CTX_get_error(store), depth: X509_STORE_CTX_get_error_depth(store),
                    certificate: certificate.map { unsafe Certificate($0) })
                return 0
            }
        } else {
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        }
        unsafe SSL_CTX_sess_set_new_cb(context) { ssl, session in
            guard let pipe = unsafe RecordPipe.pipe(of: ssl) else { return 0 }
            // 1 says that the reference is ours now; the latest of several is kept.
            if let earlier = unsafe pipe.pointee.session { unsafe SSL_SESSION_free(earlier) }
            unsafe pipe.pointee.session = session
            return 1
        }
    }
}
