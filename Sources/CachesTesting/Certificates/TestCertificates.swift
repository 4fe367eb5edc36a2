/// Certificates for tests: an authority, a client, and servers good and bad. Made by the `openssl` command in
/// about a tenth of a second; nothing is cached from run to run.
///
/// All keys are EC P-256. The files have mode 600, in a folder that goes when this object and the fleet it
/// came from have gone, or when the process ends, however it ends.
///
/// Fleets make their own. To have some without a server:
///
/// ```swift
/// let certificates = try await TestCertificates.make()
/// configuration.authorityFile = certificates.authorityFile
/// ```
public final class TestCertificates: Sendable {
    /// A certificate and its private key, in two PEM files.
    public struct Pair: Hashable, Sendable {
        /// The certificate's file.
        public let certificateFile: String
        /// The private key's file.
        public let keyFile: String
    }

    /// The certificates that a server can show.
    public enum ServerCertificate: String, Hashable, Sendable, CaseIterable {
        /// For `localhost`, `127.0.0.1` and `::1`, by the authority, now.
        case valid
        /// As `valid`, but for the host `other.example` alone.
        case otherHost
        /// As `valid`, but its time has passed.
        case expired
        /// As `valid`, but its time has not come.
        case notYetValid
        /// As `valid`, but for 10 more days only.
        case expiring
        /// As `valid`, but signed by itself.
        case selfSigned
        /// As `valid`, but on the list ``TestCertificates/revocationFile``.
        case revoked
        /// As `valid`, but by an authority that no client here trusts.
        case untrusted
    }

    /// The authority's certificate, which clients have to trust (`ca=` in a DSN).
    public let authorityFile: String

    /// The certificate of another authority, which has signed ``ServerCertificate/untrusted``.
    public let otherAuthorityFile: String

    /// Both authorities' certificates, as servers and clients have them while authorities change.
    public let authoritiesFile: String

    /// A client's certificate, by the authority.
    public let client: Pair

    /// Another client's certificate, by the other authority.
    public let otherClient: Pair

    /// The key of ``client``, encrypted with ``keyPassword``.
    public let encryptedKeyFile: String

    /// The password of ``encryptedKeyFile``, generated each time.
    public let keyPassword: String

    /// A file that holds ``keyPassword``.
    public let keyPasswordFile: String

    /// The authority's list of revoked certificates (CRL).
    public let revocationFile: String

    /// A list of the authority's that ended years ago.
    public let staleRevocationFile: String

    private let folder: String
    private let supervisor: Supervisor

    /// Makes all of them.
    ///
    /// - Throws: ``FleetError`` if the `openssl` command is missing or fails.
    public static func make() async throws(FleetError) -> TestCertificates {
        try await blocking { () throws(FleetError) in try TestCertificates(supervisor: Supervisor()) }
    }

    /// Makes all of them in the supervisor's folder.
    init(supervisor: Supervisor) throws(FleetError) {
        let folder = supervisor.folder + "/tls"
        try makePrivateFolder(folder)
        try writePrivateFile(folder + "/extensions", TestCertificates.extensions)
        try writePrivateFile(folder + "/script", TestCertificates.script)
        keyPassword = String(UInt64.random(in: .min ... .max) | 1 << 63, radix: 36)
        keyPasswordFile = folder + "/key-password"
        try writePrivateFile(keyPasswordFile, keyPassword + "\n")
        guard try supervisor.run(in: "tls") == 0 else {
            throw FleetError(
                .certificates, "The openssl command failed:\n\(readFile(folder + "/log") ?? "")",
                advice: "Run ./dev/setup, or install openssl.")
        }
        self.supervisor = supervisor
        self.folder = folder
        authorityFile = folder + "/authority.pem"
        otherAuthorityFile = folder + "/other-authority.pem"
        authoritiesFile = folder + "/authorities.pem"
        client = Pair(certificateFile: folder + "/client.pem", keyFile: folder + "/client.key")
        otherClient = Pair(
            certificateFile: folder + "/other-client.pem", keyFile: folder + "/other-client.key")
        encryptedKeyFile = folder + "/client-encrypted.key"
        revocationFile = folder + "/revocations.pem"
        staleRevocationFile = folder + "/stale-revocations.pem"
    }

    /// A server's certificate and key.
    public func server(_ certificate: ServerCertificate) -> Pair {
        Pair(certificateFile: "\(folder)/\(certificate.rawValue).pem", keyFile: folder + "/server.key")
    }
}

extension TestCertificates {
    /// openssl's configuration: a section for each kind of certificate.
    private static let extensions = """
        [req]
        distinguished_name = name
        prompt = no
        [name]
        CN = caches test
        [authority]
        basicConstraints = critical, CA:TRUE
        keyUsage = critical, keyCertSign, cRLSign
        subjectKeyIdentifier = hash
        [localhost]
        basicConstraints = critical, CA:FALSE
        extendedKeyUsage = serverAuth
        subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
        [otherHost]
        basicConstraints = critical, CA:FALSE
        extendedKeyUsage = serverAuth
        subjectAltName = DNS:other.example
        [client]
        basicConstraints = critical, CA:FALSE
        extendedKeyUsage = clientAuth
        [ca]
        default_ca = database
        [database]
        database = index
        new_certs_dir = .
        certificate = authority.pem
        private_key = authority.key
        default_md = sha256
        rand_serial = yes
        unique_subject = no
        policy = policy
        [policy]
        commonName = supplied

        """

    // Only what OpenSSL 1.1.1 knows too. Only its `ca` command, which needs a database, sets dates and
    // revokes.
    private static let script = #"""
        set -e
        key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config extensions'
        for name in authority other-authority; do
            openssl req -x509 $key -subj "/CN=caches test $name" -extensions authority -days 30 \
                -keyout $name.key -out $name.pem
        done
        cat authority.pem other-authority.pem > authorities.pem
        for name in server client other-client; do
            openssl req -new $key -subj "/CN=caches test $name" -keyout $name.key -out $name.csr
        done
        openssl pkcs8 -topk8 -in client.key -passout file:key-password -out client-encrypted.key
        openssl req -x509 -new -key server.key -config extensions -subj '/CN=caches test server' \
            -extensions localhost -days 30 -out selfSigned.pem

        serial=1
        sign() { # request authority extensions days certificate
            openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -set_serial $serial \
                -extfile extensions -extensions $3 -days $4 -out $5.pem
            serial=$((serial + 1))
        }
        sign server authority localhost 30 valid
        sign server authority localhost 10 expiring
        sign server authority localhost 30 revoked
        sign server authority otherHost 30 otherHost
        sign server other-authority localhost 30 untrusted
        sign client authority client 30 client
        sign other-client other-authority client 30 other-client

        : > index
        authority() { openssl ca -config extensions -batch -notext "$@"; }
        dated() { # from until certificate
            authority -in server.csr -extensions localhost -startdate $1 -enddate $2 -out $3.pem
        }
        dated 20200101000000Z 20200201000000Z expired
        dated 20990101000000Z 20990201000000Z notYetValid
        authority -revoke revoked.pem
        authority -gencrl -crldays 30 -out revocations.pem
        authority -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z \
            -out stale-revocations.pem
        """#
}
