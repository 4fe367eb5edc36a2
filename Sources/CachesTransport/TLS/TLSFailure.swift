internal import COpenSSL

/// Why a handshake stopped.
enum TLSFailure {
    /// It has not: the peer's next bytes are needed.
    case wantsMore
    /// The server's certificate was not accepted.
    case rejected(RecordPipe.Rejection)
    /// The two don't speak the same protocol, or the server refused.
    case handshake(reason: String)

    /// - Parameters:
    ///   - problem: What `SSL_get_error` says.
    ///   - rejection: The certificate that was not accepted, if one was not.
    init(_ problem: Int32, _ rejection: RecordPipe.Rejection?) {
        switch problem {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            self = .wantsMore
        default:
            let reason = OpenSSLError.take()
            self = rejection.map { .rejected($0) } ?? .handshake(reason: reason)
        }
    }

    /// The error for the user.
    func error(_ configuration: TLSConfiguration, expectedName: String, host: String) -> CachesError {
        switch self {
        case .wantsMore:
            preconditionFailure("a handshake that goes on has not failed")
        case .rejected(let rejection):
            rejection.error(configuration, expectedName: expectedName, host: host)
        case .handshake(let reason):
            CachesError(
                .tls, "The TLS handshake failed: \(reason).", advice: Self.advice(for: reason, configuration))
        }
    }

    /// The error for a connection that was secured, and broke.
    static func broken(_ reason: String, _ configuration: TLSConfiguration) -> CachesError {
        CachesError(
            .tls, "The TLS connection broke: \(reason).", advice: advice(for: reason, configuration))
    }

    /// The alerts that peers send (RFC 8446, section 6.2), in OpenSSL's words.
    private static func advice(for reason: String, _ configuration: TLSConfiguration) -> String {
        let shown = configuration.certificateFile.map { "cert=\($0)" } ?? "none"
        switch reason {
        case let reason where reason.contains("wrong version number") || reason.contains("packet length"):
            return notTLS
        case let reason where reason.contains("certificate required"):
            return "The server asks for a client's certificate: set cert=FILE and key=FILE."
        case let reason where reason.contains("unknown ca"):
            return
                "The server doesn't know who signed the client's certificate (\(shown)): set cert=FILE and "
                + "key=FILE to one that an authority of its tls-ca-cert-file signed."
        case let reason
        where reason.contains("certificate expired") || reason.contains("certificate revoked")
            || reason.contains("bad certificate"):
            return "The server does not accept the client's certificate (\(shown)): renew it, with its key."
        case let reason where reason.contains("protocol version") || reason.contains("unsupported protocol"):
            return "The server's TLS versions don't fit: see min-tls, and tls-protocols on the server."
        case let reason where reason.contains("handshake failure"):
            return "No cipher in common? See ciphers and cipher-suites, and versions; \(certificateAdvice)"
        default:
            return "Check that the server's TLS port, versions and ciphers fit; \(certificateAdvice)"
        }
    }

    /// Advice if the peer speaks another protocol.
    static let notTLS = "This looks like a server without TLS on this port: use redis:// or its TLS port."

    /// Advice if the server requires a client certificate.
    static let certificateAdvice = "if it asks for client certificates, set cert=FILE and key=FILE."
}

extension RecordPipe.Rejection {
    fileprivate func error(
        _ configuration: TLSConfiguration, expectedName: String, host: String
    ) -> CachesError {
        let authorities = configuration.authorityFile.map { "ca=\($0)" } ?? "the system's authorities"
        let date = CalendarDay.text
        let (fault, advice): (String, String) =
            switch code {
            case X509_V_ERR_CERT_HAS_EXPIRED:
                (
                    "has expired" + (certificate.map { ", on \(date($0.notAfter))" } ?? ""),
                    "Renew it on the server, or check the clocks of both machines."
                )
            case X509_V_ERR_CERT_NOT_YET_VALID:
                (
                    "is not valid yet" + (certificate.map { ", but from \(date($0.notBefore)) on" } ?? ""),
                    "Check the clocks of both machines, or show the former certificate until then."
                )
            case X509_V_ERR_IP_ADDRESS_MISMATCH where certificate?.names.contains(expectedName) == true:
                (
                    "is not for the address \(expectedName): it has that as a name, not as an address",
                    "Have it made with subjectAltName=IP:\(expectedName), or use a host that it names."
                )
            case X509_V_ERR_HOSTNAME_MISMATCH where certificate?.hasCommonNameAlone == true:
                (
                    "is for no host: it has \(certificate?.nameList ?? "one") as a common name (CN) alone, which proves "
                        + "nothing (RFC 9525)",
                    "Have it made with subjectAltName=DNS:\(expectedName)."
                )
            case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
                (
                    "is not for \(expectedName), but for \(certificate?.nameList ?? "others")",
                    "Use a host that the certificate names, or say which it names with sni=NAME."
                        + (expectedName.isSameHost(as: host) || configuration.serverName == nil
                            ? ""
                            : " Another server announced \(host): if it may have that name, say so with hosts=\(host).")
                )
            case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
                (
                    "is not trusted: it is self-signed, and none of \(authorities)",
                    "Point ca=FILE at a PEM file that holds it, if you trust it."
                )
            case X509_V_ERR_CERT_REVOKED:
                (
                    "has been revoked, says \(configuration.revocationFile ?? "the revocation list")",
                    "Show another on the server; if it is the list that is wrong, renew crl=FILE."
                )
            case X509_V_ERR_UNABLE_TO_GET_CRL:
                (
                    "can't be checked: its issuer has no list in \(configuration.revocationFile ?? "crl")",
                    "Add that authority's list to crl=FILE."
                )
            case X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID:
                (
                    "can't be checked: the list \(configuration.revocationFile ?? "crl") is out of date",
                    "Renew crl=FILE."
                )
            case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
                X509_V_ERR_CERT_SIGNATURE_FAILURE:
                (
                    "is not trusted: it leads to none of \(authorities) (\(reason))",
                    "Point ca=FILE at the PEM file of the authority that signed it"
                        + (certificate.map { ", \($0.issuer)." } ?? ".")
                )
            default:
                ("is not accepted: \(reason)", "Have the server show another.")
            }
        let whose = depth == 0 ? "The server's certificate" : "A certificate above the server's"
        let which = certificate.map { " (\($0))" } ?? ""
        return CachesError(.tls, "\(whose)\(which) \(fault).", advice: advice)
    }

    private var reason: String { unsafe String(cString: X509_verify_cert_error_string(Int(code))) }
}
