/// The settings of one connection to one server.
public struct ConnectionConfiguration: Hashable, Sendable {
    /// Where the server listens.
    public var endpoint: Endpoint

    /// The name that errors and logs use for the server. Default: the endpoint's text.
    public var name: String

    /// How a connection is secured, by a name that nothing else has in a program that uses SwiftNIO too:
    /// `node.connection.tls = ConnectionConfiguration.TLS()`.
    public typealias TLS = TLSConfiguration

    /// TLS, or nil for plain text. Unix sockets, which never leave the machine, do without.
    public var tls: TLSConfiguration?

    /// Sent as `AUTH` first of all; nil sends none.
    public var credentials: Credentials?

    /// Where ``credentials`` come from instead, if they change while the process runs. nil, the default: they
    /// don't.
    public var credentialsProvider: CredentialsProvider?

    /// How often the files of certificates, keys and passwords are looked at, and the ``credentialsProvider``
    /// is asked, while a connection is open. New connections use a change at once; an open one gets new
    /// credentials by `AUTH`, and is replaced within about this time if certificates have changed. Default
    /// 10 s: secret stores take longer to bring a file to a machine.
    public var reloadInterval = Duration.seconds(10)

    /// The database chosen by `SELECT`, 0 or more. 0 is the server's default and needs no command.
    public var database = 0

    /// Whether `READONLY` is sent: a replica of a cluster then answers reads itself. Any other server ignores
    /// it.
    package var readsFromReplica = false

    /// Sent as [`CLIENT SETNAME`](https://redis.io/docs/latest/commands/client-setname/), so that `CLIENT
    /// LIST` on the server says whose connection it is. Printable ASCII without spaces; empty: the connection
    /// gets no name. A server or proxy that refuses it is used without one.
    public var clientName = "caches"

    /// How long opening may take in all: name look-up, TCP, TLS and authentication. Default 2 s: a TCP SYN
    /// that was lost once is sent again after 1 s, so that less would fail on a single lost packet. The
    /// addresses of a name are tried side by side, the next 250 ms after the last
    /// ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305)); a single one is tried a second time after that.
    public var connectTimeout = Duration.seconds(2)

    /// The most bytes of commands that may wait unsent or unanswered. Default 64 MiB. A command larger than
    /// that is still taken when nothing else waits.
    public var maximumBytesInFlight = 64 << 20

    /// The most commands that may wait unanswered. Default 131 072.
    public var maximumCommandsInFlight = 1 << 17

    /// The largest reply accepted, in bytes. Default 512 MiB, the largest value that a server's
    /// `proto-max-bulk-len` allows. A list counts as its size in memory, 24 bytes an item in addition to its
    /// texts. All replies to one call of several commands may take as much together, or 512 MiB if that is
    /// more.
    public var maximumReplyBytes = 512 << 20

    /// A connection on which commands wait but no byte has come or gone for so long is given up. Default 5 s:
    /// long enough for a slow script or a fork, short enough that a peer which vanished doesn't hold
    /// commands.
    public var stallTimeout = Duration.seconds(5)

    /// Whether the server has to say, when a connection opens, that it is no replica.
    package var requiresPrimary = false

    /// A configuration with the defaults above.
    public init(endpoint: Endpoint, name: String? = nil) {
        self.endpoint = endpoint
        self.name = name ?? endpoint.description
    }

    /// The same at another address, where a server of a deployment announced itself.
    ///
    /// An attacker that can make a server announce a name can have a certificate for that name. So over TLS a
    /// host that is announced is verified as itself only if it was given: as one of `hosts`, or by
    /// ``TLSConfiguration/announcedHosts``. The certificate of any other host must carry a name that was
    /// given: one of `hosts`. Where all of them are addresses, and ``TLSConfiguration/announcedHosts`` says
    /// nothing, an address that is announced is verified as itself, since each server's certificate then
    /// carries its own.
    ///
    /// - Parameter hosts: The hosts that were given for the deployment. nil: that of ``endpoint``.
    public func at(_ endpoint: Endpoint, hosts: [String]? = nil) -> ConnectionConfiguration {
        var other = self
        other.endpoint = endpoint
        guard let tls, tls.serverName == nil, case .tcp(let host, _) = endpoint else { return other }
        var given = hosts ?? []
        if hosts == nil, case .tcp(let own, _) = self.endpoint { given = [own] }
        guard !given.contains(where: { $0.isSameHost(as: host) }),
            !tls.announcedHosts.contains(where: { $0.matches(host) })
        else { return other }
        let names = given.filter { !Endpoint.tcp(host: $0, port: 0).isNumeric }
        if names.isEmpty, tls.announcedHosts.isEmpty, endpoint.isNumeric { return other }
        other.tls?.serverName = names.first ?? given.first
        other.tls?.otherNames = Array(names.dropFirst())
        return other
    }
}
