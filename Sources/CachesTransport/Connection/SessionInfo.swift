/// The state that was agreed on when a connection opened.
public struct SessionInfo: Hashable, Sendable {
    /// The server's address: where others say where that is, the one at which it was found.
    public var endpoint: Endpoint?

    /// The TLS version, such as `TLSv1.3`; nil without TLS.
    public var tlsVersion: String?

    /// The TLS cipher, such as `TLS_AES_256_GCM_SHA384`; nil without TLS.
    public var cipher: String?

    /// The certificates that the server showed, its own first; empty without TLS.
    public var certificates: [Certificate] = []

    /// Whether the TLS handshake resumed an earlier connection's session.
    public var isResumed = false

    /// The address that was connected to; nil if it is unknown.
    var address: Address?

    /// The files that its TLS was made of, before they were read.
    package var files: TLSFiles?

    /// The credentials sent to the server; kept to see whether they have changed.
    package var credentials: Credentials?
}

extension SessionInfo {
    /// The info of a TLS session, if there is one.
    init(_ tls: TLSSession?) {
        guard let agreement = tls?.agreement else { return }
        tlsVersion = agreement.version
        cipher = agreement.cipher
        certificates = agreement.certificates
        isResumed = agreement.isResumed
    }
}

/// The events of a connection. Each is told at most once, `opened` before `closed`.
public enum ConnectionEvent: Sendable {
    /// The greeting was answered: commands flow.
    case opened(SessionInfo)
    /// It is over, and its descriptor is closed. The error says why; its code is `closed` if the owner closed
    /// it.
    case closed(CachesError)
}
