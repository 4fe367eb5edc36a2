import Synchronization

/// A private Redis Cluster of real `redis-server` processes (or `valkey-server`, where only that is
/// installed), for tests and demonstrations: it fails over, moves slots, grows and shrinks.
///
/// ```swift
/// try await withLocalCluster { cluster in             // 3 masters with a replica each
///     let pool = try CachePool([cluster.dsn])
///     let master = try await cluster.master(ofSlot: 42)
///     master.kill()
///     let outage = try await cluster.waitForFailover(of: master)
///     try await master.restart()                      // it comes back as a replica
///     try await cluster.waitUntilSettled()
/// }
/// ```
///
/// Everything that ``LocalFleet`` says of its servers holds for these too. The nodes talk to each other on
/// loopback alone, on ports of their own, over TLS where clients have to. The servers are asked for the
/// masters and their slots each time: these change, also without a command.
///
/// A server that is restarted remembers its place, but not its data, unless its options say so: a master that
/// comes back before a replica took its place is an empty one, and empties its replicas.
///
/// Redis 7 or later: earlier ones can't have the nodes' port chosen.
public final class LocalCluster: Sendable {
    /// The cluster's name, which its DSN carries as its fragment, and which is the stem of the servers'
    /// names.
    public let name: String

    /// The DSN that clients are configured with: `redis+cluster://…` or, with TLS, `rediss+cluster://…`, the
    /// addresses of the servers that were masters at the start, credentials, certificates and name.
    public let dsn: String

    /// The certificates in use, nil without TLS.
    public let certificates: TestCertificates?

    let supervisor: Supervisor
    let plan: Plan
    private let members: Mutex<[Member]>
    /// How many servers there have been.
    private let count: Mutex<Int>

    /// The options of each server of the cluster.
    struct Plan: Sendable {
        var options: LocalServer.Options
        var endpoint: LocalServer.ClusterEndpoint
        var nodeTimeout: Duration
        let administrator = Administrator()
    }

    /// A server, and the identifier by which the others know it for as long as it lives.
    struct Member: Sendable {
        let server: LocalServer
        let id: String
    }

    private init(
        name: String, plan: Plan, members: [Member], masters: Int, certificates: TestCertificates?,
        supervisor: Supervisor
    ) {
        self.name = name
        self.plan = plan
        self.certificates = certificates
        self.supervisor = supervisor
        self.members = Mutex(members)
        count = Mutex(members.count)
        dsn = DSNText.text(
            plan.options, clusterName: name, ports: members.prefix(masters).compactMap(\.server.port),
            certificates: certificates)
    }

    /// The servers, in the order in which they were started: those that began as masters first. Those that
    /// are down are among them, those that were removed are not.
    public var servers: [LocalServer] { currentMembers.map(\.server) }

    /// Kills every server and removes the folder; returns when that is done. Harmless when repeated.
    public func stop() async {
        await blocking { () throws(Never) in
            self.supervisor.stop()
            for server in self.servers { server.hasStopped() }
        }
    }
}

extension LocalCluster {
    /// Starts a cluster, and returns when every slot is served, every replica is in step with its master, and
    /// all servers agree about that. The slots are spread evenly over the masters, in order.
    ///
    /// It takes a little more than 2 s: a server doesn't join any cluster earlier.
    ///
    /// - Parameters:
    ///   - masters: how many, 1 or more. A failover needs a majority of them, so 3. Default 3.
    ///   - replicasPerMaster: how many, 0 or more. Default 1.
    ///   - options: the options of each server. The name is the cluster's; by default it is `cluster`, and
    ///     the servers are `cluster1`, `cluster2`, … The transport has to be TCP or TLS. Directives such as
    ///     `cluster-require-full-coverage no` are lines.
    ///   - endpoint: how the nodes call each other to clients. Default: by address.
    ///   - nodeTimeout: how long a node may be silent before the others hold it to be down
    ///     (`cluster-node-timeout`), 1 ms or more. A failover takes one to two seconds more. Default 2 s. A
    ///     machine that stalls for longer gets failovers without a cause: where they are not the subject,
    ///     15 s are safe.
    ///   - deadline: how long it may take in all. Default 60 s, for machines that do much else at the same
    ///     time. It begins when the cluster's turn has come, as a fleet's does.
    ///   - program: the absolute path of the server program. nil: the first `redis-server` found, or else the
    ///     first `valkey-server`.
    /// - Throws: ``FleetError`` if no server program is installed, one doesn't start or join (with the end of
    ///   its log), or the deadline passes; `CancellationError` if the task is cancelled. Nothing is left
    ///   behind.
    public static func start(
        masters: Int = 3, replicasPerMaster: Int = 1, options: LocalServer.Options = LocalServer.Options(),
        endpoint: LocalServer.ClusterEndpoint = .address, nodeTimeout: Duration = .seconds(2),
        deadline: Duration = .seconds(60), program: String? = nil
    ) async throws -> LocalCluster {
        precondition(masters > 0 && replicasPerMaster >= 0, "a cluster has a master")
        guard options.transport != .unix else {
            throw FleetError(
                .startFailed, "A cluster can't do with unix sockets: its nodes tell clients hosts and ports.",
                advice: "Give it another transport.")
        }
        let name = options.name ?? "cluster"
        let plan = Plan(options: options, endpoint: endpoint, nodeTimeout: nodeTimeout)
        let (cluster, rest) = try await blocking(within: deadline) { patience in
            let supervisor = try Supervisor(server: program ?? ServerBinary.find())
            do {
                let usesTLS = options.transport != .tcp
                let certificates = usesTLS ? try TestCertificates(supervisor: supervisor) : nil
                let servers = try (1...masters * (1 + replicasPerMaster)).map { position in
                    try plan.server(position, of: name, supervisor, certificates)
                }
                // All of them start before any is waited for.
                for server in servers { try server.start() }
                let members = try servers.map { try Member(waitingFor: $0, patience) }
                let cluster = LocalCluster(
                    name: name, plan: plan, members: members, masters: masters, certificates: certificates,
                    supervisor: supervisor)
                return (cluster, patience.remaining)
            } catch {
                supervisor.stop()
                throw error
            }
        }
        do {
            try await blocking(within: rest, inTurn: false) { try cluster.form(masters: masters, $0) }
        } catch {
            await cluster.stop()
            throw error
        }
        return cluster
    }

    /// The servers and their identifiers.
    var currentMembers: [Member] { members.withLock { $0 } }

    /// The member of this server.
    func member(_ server: LocalServer) throws(FleetError) -> Member {
        guard let member = currentMembers.first(where: { $0.server === server }) else {
            throw FleetError(.commandFailed, "\(server.name) is not a server of \(name).")
        }
        return member
    }

    /// Starts one more server, which is not yet a member.
    func startServer(_ patience: Patience) throws -> Member {
        let position = count.withLock { count in
            count += 1
            return count
        }
        let server = try plan.server(position, of: name, supervisor, certificates)
        try server.start()
        do {
            return try Member(waitingFor: server, patience)
        } catch {
            server.kill()
            throw error
        }
    }

    func add(_ member: Member) { members.withLock { $0.append(member) } }

    func remove(_ server: LocalServer) { members.withLock { $0.removeAll { $0.server === server } } }
}

extension LocalCluster.Plan {
    fileprivate func server(
        _ position: Int, of name: String, _ supervisor: Supervisor, _ certificates: TestCertificates?
    ) throws(FleetError) -> LocalServer {
        var options = options
        options.name = "\(name)\(position)"
        return try LocalServer(
            options, position: position, supervisor: supervisor, certificates: certificates,
            administrator: administrator,
            cluster: ClusterNodeSettings(bus: .make(), nodeTimeout: nodeTimeout, endpoint: endpoint))
    }
}

extension LocalCluster.Member {
    fileprivate init(waitingFor server: LocalServer, _ patience: Patience) throws {
        try server.waitUntilReady(patience)
        id = try server.connect(timeout: patience.remaining).command(["CLUSTER", "MYID"]).text ?? ""
        self.server = server
    }
}

/// Starts a cluster, calls `body`, and stops the cluster however `body` ends.
///
/// See ``LocalCluster/start(masters:replicasPerMaster:options:endpoint:nodeTimeout:deadline:program:)`` for
/// the parameters and errors.
public func withLocalCluster<Result>(
    masters: Int = 3, replicasPerMaster: Int = 1, options: LocalServer.Options = LocalServer.Options(),
    endpoint: LocalServer.ClusterEndpoint = .address, nodeTimeout: Duration = .seconds(2),
    deadline: Duration = .seconds(60), _ body: (LocalCluster) async throws -> Result
) async throws -> Result {
    let cluster = try await LocalCluster.start(
        masters: masters, replicasPerMaster: replicasPerMaster, options: options, endpoint: endpoint,
        nodeTimeout: nodeTimeout, deadline: deadline)
    return try await running(cluster, body)
}

extension LocalCluster: Stoppable {}
