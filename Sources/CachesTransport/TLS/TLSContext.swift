internal import COpenSSL

/// What all TLS connections to a node share: the authorities it trusts, its own certificate, its protocol
/// versions. Files are read when it is made.
// Safe to share: OpenSSL counts references to a context atomically, and nothing changes it after init.
@safe final class TLSContext: @unchecked Sendable {
    /// Owned: freed in deinit. Sessions hold references of their own, counted by OpenSSL.
    let pointer: OpaquePointer

    /// - Throws: ``CachesError`` `.tls` that names the file or option at fault.
    init(_ configuration: TLSConfiguration) throws(CachesError) {
        guard let pointer = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw CachesError(.tls, "OpenSSL can't make a TLS context: \(OpenSSLError.take()).")
        }
        unsafe self.pointer = pointer
        try configure(configuration)
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    private func configure(_ configuration: TLSConfiguration) throws(CachesError) {
        let version =
            switch configuration.minimumVersion {
            case .tls12: TLS1_2_VERSION
            case .tls13: TLS1_3_VERSION
            }
        unsafe _ = caches_SSL_CTX_set_min_proto_version(pointer, version)
        unsafe _ = caches_SSL_CTX_set_mode(pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE))
        unsafe caches_SSL_CTX_forbid_compression_and_renegotiation(pointer)
        unsafe SSL_CTX_set_verify(
            pointer, configuration.verification == .none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        try loadAuthorities(configuration)
        try loadCertificate(configuration)
        if let ciphers = configuration.ciphers, unsafe SSL_CTX_set_cipher_list(pointer, ciphers) != 1 {
            throw CachesError(
                .tls, "OpenSSL knows none of the ciphers `\(ciphers)`: \(OpenSSLError.take()).",
                advice: "List some that `openssl ciphers` prints.")
        }
    }

    private func loadAuthorities(_ configuration: TLSConfiguration) throws(CachesError) {
        guard configuration.verification != .none else { return }
        guard let file = configuration.authorityFile else {
            unsafe _ = SSL_CTX_set_default_verify_paths(pointer)
            return
        }
        guard unsafe SSL_CTX_load_verify_locations(pointer, file, nil) == 1 else {
            throw CachesError(
                .tls, "The CA file \(file) can't be used: \(OpenSSLError.take()).",
                advice: "`ca` names a PEM file that this process may read.")
        }
    }

    private func loadCertificate(_ configuration: TLSConfiguration) throws(CachesError) {
        // OpenSSL would ask for an encrypted key's password on the terminal.
        unsafe SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in 0 }
        guard let certificate = configuration.certificateFile, let key = configuration.keyFile else { return }
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
            throw CachesError(
                .tls, "The client certificate \(certificate) can't be used: \(OpenSSLError.take()).",
                advice: "`cert` names a PEM file that this process may read.")
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1 else {
            throw CachesError(
                .tls, "The private key \(key) can't be used: \(OpenSSLError.take()).",
                advice: "`key` names the PEM file of the unencrypted key that belongs to `cert`.")
        }
    }
}

/// OpenSSL's own words for what failed.
enum OpenSSLError {
    /// Takes the calling thread's first queued error and clears the rest.
    static func take() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        guard let reason = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
        return unsafe String(cString: reason)
    }
}
