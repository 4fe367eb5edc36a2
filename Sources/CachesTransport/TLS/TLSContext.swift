internal import COpenSSL

/// The state that all TLS connections to a node share: the authorities it trusts, its own certificate, its
/// protocol versions, and the sessions that connections may resume. Files are read when it is made.
// Safe to share: OpenSSL counts references to a context atomically, and nothing changes it after init; the
// tickets have a lock of their own.
@safe final class TLSContext: @unchecked Sendable {
    /// Owned: freed in deinit. Sessions hold references of their own, counted by OpenSSL.
    let pointer: OpaquePointer

    /// The sessions that can be resumed.
    let tickets = TLSTickets()

    /// - Throws: ``CachesError`` `.tls` that names the file or option at fault.
    init(_ configuration: TLSConfiguration) throws(CachesError) {
        _ = Self.isInitialized
        guard let pointer = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw CachesError(.tls, "OpenSSL can't make a TLS context: \(OpenSSLError.take()).")
        }
        unsafe self.pointer = pointer
        try configure(configuration)
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// A program that ends while a connection is opened would otherwise crash now and then.
    private static let isInitialized: Bool = {
        caches_OPENSSL_init_no_atexit()
        return true
    }()

    private func configure(_ configuration: TLSConfiguration) throws(CachesError) {
        let version =
            switch configuration.minimumVersion {
            case .tls12: TLS1_2_VERSION
            case .tls13: TLS1_3_VERSION
            }
        unsafe _ = caches_SSL_CTX_set_min_proto_version(pointer, version)
        unsafe _ = caches_SSL_CTX_set_mode(pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE))
        unsafe caches_SSL_CTX_forbid_compression_and_renegotiation(pointer)
        unsafe RecordPipe.installCallbacks(on: pointer, verifies: configuration.verification != .none)
        // A cache by OpenSSL would look sessions up by their number, which a client doesn't know beforehand.
        unsafe _ = caches_SSL_CTX_set_session_cache_mode(
            pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        try loadAuthorities(configuration)
        try loadRevocations(configuration)
        try loadCertificate(configuration)
        try setCiphers(configuration)
    }

    private func setCiphers(_ configuration: TLSConfiguration) throws(CachesError) {
        if let ciphers = configuration.ciphers {
            // `HIGH:@SECLEVEL=0` has suites by which anyone can be the peer (RFC 5246, appendix A.5): no
            // certificate is shown then, and so none is refused.
            let list = configuration.verification == .none ? ciphers : ciphers + ":!aNULL:!eNULL"
            guard unsafe SSL_CTX_set_cipher_list(pointer, list) == 1 else {
                throw CachesError(
                    .tls,
                    "OpenSSL knows none of the ciphers `\(ciphers)` that have a certificate: \(OpenSSLError.take()).",
                    advice: "Set `ciphers` to some that `openssl ciphers -tls1_2` prints.")
            }
        }
        if let suites = configuration.cipherSuites, unsafe SSL_CTX_set_ciphersuites(pointer, suites) != 1 {
            throw CachesError(
                .tls, "OpenSSL knows none of the TLS 1.3 suites `\(suites)`: \(OpenSSLError.take()).",
                advice: "Set `cipher-suites` to some that `openssl ciphers -s -tls1_3` prints.")
        }
    }

    private func loadAuthorities(_ configuration: TLSConfiguration) throws(CachesError) {
        guard configuration.verification != .none else { return }
        guard let file = configuration.authorityFile else {
            unsafe _ = SSL_CTX_set_default_verify_paths(pointer)
            return
        }
        // A certificate that the user names is trusted as it is, whoever signed it.
        unsafe _ = X509_VERIFY_PARAM_set_flags(
            SSL_CTX_get0_param(pointer), UInt(X509_V_FLAG_PARTIAL_CHAIN))
        if let files = Directory.files(in: file) { return try loadAuthorities(files, in: file) }
        guard unsafe SSL_CTX_load_verify_locations(pointer, file, nil) == 1 else {
            throw CachesError(
                .tls, "The CA file \(file) can't be used: \(OpenSSLError.take()).",
                advice: "`ca` names a PEM file that this process may read, or a directory of them.")
        }
    }

    /// All at once, not as they are needed by the hashes of their names: a handshake reads no files. Files
    /// without a certificate, such as a key or a note, are skipped.
    private func loadAuthorities(_ files: [String], in directory: String) throws(CachesError) {
        var count = 0
        for file in files where unsafe SSL_CTX_load_verify_locations(pointer, file, nil) == 1 { count += 1 }
        ERR_clear_error()
        guard count > 0 else {
            throw CachesError(
                .tls,
                "The CA directory \(directory) can't be used: none of its \(files.count) files holds a certificate.",
                advice: "`ca` names a PEM file that this process may read, or a directory of them.")
        }
    }

    private func loadRevocations(_ configuration: TLSConfiguration) throws(CachesError) {
        guard configuration.verification != .none, let file = configuration.revocationFile else { return }
        let store = unsafe SSL_CTX_get_cert_store(pointer)
        var count = 0
        if let source = unsafe BIO_new_file(file, "r") {
            defer { unsafe BIO_free(source) }
            while let list = unsafe PEM_read_bio_X509_CRL(source, nil, nil, nil) {
                // The store takes a reference of its own.
                defer { unsafe X509_CRL_free(list) }
                guard unsafe X509_STORE_add_crl(store, list) == 1 else { break }
                count += 1
            }
        }
        let reason = OpenSSLError.take()
        guard count > 0 else {
            throw CachesError(
                .tls, "The revocation list \(file) can't be used: \(reason).",
                advice: "`crl` names a PEM file (BEGIN X509 CRL) that this process may read.")
        }
        // All of the chain: see `RecordPipe` for those whose issuer has no list.
        unsafe _ = X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
    }
}

/// OpenSSL's own words for what failed.
enum OpenSSLError {
    /// Takes the calling thread's first queued error and clears the rest.
    static func take() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        let system = caches_ERR_system_error(code)
        guard system == 0 else { return "\(SystemError(number: system))" }
        guard let reason = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
        return unsafe String(cString: reason)
    }
}
