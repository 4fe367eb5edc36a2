internal import COpenSSL

extension TLSContext {
    /// Loads the client's certificate and its key.
    func loadCertificate(_ configuration: TLSConfiguration) throws(CachesError) {
        // Without this OpenSSL would ask for an encrypted key's password on the terminal.
        unsafe SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in 0 }
        guard let file = configuration.certificateFile, let key = configuration.keyFile else { return }
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, file) == 1 else {
            throw CachesError(
                .tls, "The client certificate \(file) can't be used: \(OpenSSLError.take()).",
                advice: "`cert` names a PEM file that this process may read.")
        }
        let password = try configuration.keyPassword.map { password throws(CachesError) in try password.read()
        }
        let state = try load(key, password)
        guard unsafe SSL_CTX_check_private_key(pointer) == 1, state.isLoaded else {
            ERR_clear_error()
            let certificate =
                unsafe SSL_CTX_get0_certificate(pointer).map { unsafe " (\(Certificate($0)))" } ?? ""
            throw CachesError(
                .tls,
                "The private key \(key) does not belong to the client certificate \(file)\(certificate).",
                advice: "`key` names the PEM file of the key that belongs to `cert`.")
        }
    }

    /// The password for OpenSSL while it reads a key, and the outcome.
    private struct KeyReading {
        var password: [UInt8]?
        var wasAsked = false
        var isLoaded = false
    }

    private func load(_ key: String, _ password: Secret?) throws(CachesError) -> KeyReading {
        var reading = KeyReading(password: password.map { $0.reveal { Array($0.utf8) } })
        let status: Int32 = unsafe withUnsafeMutablePointer(to: &reading) { reading in
            unsafe SSL_CTX_set_default_passwd_cb_userdata(pointer, reading)
            unsafe SSL_CTX_set_default_passwd_cb(pointer) { target, capacity, _, state in
                guard let target = unsafe target,
                    let reading = unsafe state?.assumingMemoryBound(to: KeyReading.self)
                else { return 0 }
                unsafe reading.pointee.wasAsked = true
                guard let password = unsafe reading.pointee.password, password.count <= Int(capacity) else {
                    return 0
                }
                for (index, byte) in password.enumerated() { unsafe target[index] = CChar(bitPattern: byte) }
                return Int32(password.count)
            }
            defer {
                unsafe SSL_CTX_set_default_passwd_cb_userdata(pointer, nil)
                unsafe SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in 0 }
            }
            return unsafe SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM)
        }
        reading.isLoaded = status == 1
        guard status != 1 else { return reading }
        let isMismatch = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
        let reason = OpenSSLError.take()
        if isMismatch { return reading }
        guard reading.wasAsked else {
            throw CachesError(
                .tls, "The private key \(key) can't be used: \(reason).",
                advice: "`key` names a PEM file that this process may read.")
        }
        throw password == nil
            ? CachesError(
                .tls, "The private key \(key) is encrypted, and there is no password for it.",
                advice: "Give it with key-password-file=FILE or key-password-env=VARIABLE.")
            : CachesError(
                .tls, "The password does not open the private key \(key).",
                advice: "Check key-password-file or key-password-env.")
    }
}

extension TLSConfiguration.KeyPassword {
    /// Looks the password up.
    fileprivate func read() throws(CachesError) -> Secret {
        switch self {
        case .text(let secret): return secret
        case .file(let path): return try SecretFile.read(path, option: "key-password-file", code: .tls)
        case .environment(let name):
            guard let value = EnvironmentVariable.value(of: name), !value.isEmpty else {
                throw CachesError(
                    .tls, "The environment variable \(name), for the private key's password, is not set.",
                    advice: "Set it, or correct key-password-env.")
            }
            return Secret(value)
        }
    }
}
