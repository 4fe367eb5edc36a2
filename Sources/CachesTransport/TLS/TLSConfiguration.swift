/// How a connection is secured.
///
/// The defaults suit a public service: the server's certificate must lead to an authority that the system
/// trusts and must carry the host's name, over TLS 1.2 or later.
public struct TLSConfiguration: Hashable, Sendable {
    /// The checks of the server's certificate.
    public enum Verification: String, Hashable, Sendable, CaseIterable {
        /// The chain leads to a trusted authority, and the certificate carries the host's name. The default.
        case full
        /// Only the chain. For servers whose certificates don't carry the name they are reached by.
        case ca
        /// Nothing: the traffic is encrypted, but the peer may be anyone. For experiments.
        case none
    }

    /// The protocol versions that may be asked for as the lowest.
    public enum Version: String, Hashable, Sendable, CaseIterable, Comparable {
        case tls12 = "1.2"
        case tls13 = "1.3"

        public static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }

    /// The place of a private key's password. It is looked up whenever the key is read.
    public enum KeyPassword: Hashable, Sendable {
        /// In a file; one trailing line end is stripped.
        case file(String)
        /// In the environment variable of that name.
        case environment(String)
        /// Here.
        case text(Secret)
    }

    /// The checks of the server's certificate.
    public var verification = Verification.full

    /// The authorities to trust in place of the system's: a PEM file, or a directory of such files, all of
    /// which are read. A certificate among them is trusted even if it is signed by another: an intermediate
    /// authority, or the server's own, is enough. nil: the system's.
    public var authorityFile: String?

    /// A PEM file with the client's certificate and its chain, for servers that ask for one.
    public var certificateFile: String?

    /// A PEM file with the private key of ``certificateFile``.
    public var keyFile: String?

    /// Where the password of an encrypted ``keyFile`` is. nil: the key is not encrypted.
    public var keyPassword: KeyPassword?

    /// A PEM file of certificate revocation lists (CRL, [RFC 5280](https://www.rfc-editor.org/rfc/rfc5280)).
    /// The server's certificate must not be on the list of its issuer, and there must be such a list, up to
    /// date. An intermediate authority must not be on its issuer's list either, if the file has that one.
    /// nil: revocation is not checked.
    public var revocationFile: String?

    /// The name sent as SNI and looked for in the certificate. nil: the host of the endpoint.
    public var serverName: String?

    /// Names that the certificate may carry in place of ``serverName``. Default: none.
    public var otherNames: [String] = []

    /// Hosts that the servers of a cluster, or Sentinels, may announce and be verified as. Any other server
    /// that they announce has to carry a name that was given for the deployment: see
    /// ``ConnectionConfiguration/at(_:hosts:)``. Default: none.
    public var announcedHosts: [HostPattern] = []

    /// The lowest protocol version accepted.
    public var minimumVersion = Version.tls12

    /// OpenSSL's cipher list for TLS 1.2 (`ECDHE+AESGCM`), or nil for OpenSSL's default. Suites without a
    /// certificate, and those that encrypt nothing, are left out of it unless ``verification`` is
    /// ``Verification/none``.
    public var ciphers: String?

    /// The suites of TLS 1.3 (`TLS_AES_256_GCM_SHA384`), separated by colons, or nil for OpenSSL's default.
    /// All of them are sound.
    public var cipherSuites: String?

    /// The defaults: full verification against the system's authorities.
    public init() {}
}
