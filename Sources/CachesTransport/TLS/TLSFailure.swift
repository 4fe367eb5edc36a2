internal import COpenSSL

/// Why a handshake stopped.
enum TLSFailure {
    /// It has not: the peer's next bytes are needed.
    case wantsMore
    /// The server's certificate was not accepted.
    case certificate(code: Int32)
    /// The two don't speak the same protocol, or the server refused.
    case handshake(reason: String)

    /// - Parameters:
    ///   - problem: What `SSL_get_error` says.
    ///   - verifyResult: What `SSL_get_verify_result` says.
    init(_ problem: Int32, verifyResult: Int) {
        switch problem {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            self = .wantsMore
        default:
            let reason = OpenSSLError.take()
            self =
                verifyResult == Int(X509_V_OK)
                ? .handshake(reason: reason) : .certificate(code: Int32(verifyResult))
        }
    }

    /// The error for the user.
    func error(expectedName: String) -> CachesError {
        switch self {
        case .wantsMore:
            preconditionFailure("a handshake that goes on has not failed")
        case .certificate(let code):
            certificateError(code, expectedName)
        case .handshake(let reason):
            CachesError(.tls, "The TLS handshake failed: \(reason).", advice: Self.advice(for: reason))
        }
    }

    private func certificateError(_ code: Int32, _ expectedName: String) -> CachesError {
        let reason = unsafe String(cString: X509_verify_cert_error_string(Int(code)))
        return switch code {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            CachesError(
                .tls, "The server's certificate is not for \(expectedName): \(reason).",
                advice: "Use a host that the certificate names, or say which it names with sni=NAME.")
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
            CachesError(
                .tls, "The server's certificate is not valid now: \(reason).",
                advice: "Renew the certificate, or check the clocks of both machines.")
        default:
            CachesError(
                .tls, "The server's certificate is not trusted: \(reason).",
                advice: "Point ca=FILE at the PEM file of the authority that signed it.")
        }
    }

    private static func advice(for reason: String) -> String {
        if reason.contains("wrong version number") || reason.contains("packet length") {
            return "This looks like a server without TLS on this port: use redis:// or its TLS port."
        }
        return "Check that the server's TLS port, versions and ciphers fit; \(certificateAdvice)"
    }

    /// What helps if the server wants to know who the client is.
    static let certificateAdvice = "if it asks for client certificates, set cert=FILE and key=FILE."
}
