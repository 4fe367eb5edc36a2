import Caches
import CachesCluster
import CachesTransport

/// What was found out about one server. What it means is in ``findings``.
struct NodeExamination: Sendable {
    /// Reachability, version, role, round trips.
    var ping: NodeReport
    /// What the server showed, its own certificate first; empty without TLS.
    var certificates: [Certificate] = []
    /// Whether it is reached by TLS, and how much of the certificate is checked.
    var verification: TLSConfiguration.Verification?
    /// The ACL user, as the server says, or else the DSN; nil if the server can't be asked.
    var user: String?
    var permissions = Permissions()
    /// The most bytes of memory, 0 for no limit; nil if the server didn't say.
    var maximumMemory: Int?
    var evictionPolicy: String?
    /// When snapshots are made, `3600 1 300 100`; empty for never; nil if the server didn't say.
    var snapshots: String?
    var hasAppendOnlyFile: Bool?
    /// How far the server's clock is ahead of this machine's, and by how much that may be wrong.
    var clock: (ahead: Duration, uncertainty: Duration)?
    /// Connections of other pools; nil if the server didn't tell.
    var strangers: [ListedClient]?
    /// What each Sentinel says of where the primary is, in a few words; empty where there are none.
    var sentinels: [(sentinel: Endpoint, answer: String)] = []
    /// Other users who may write this library's own keys; nil if the server didn't tell.
    var tenants: [String]?
    /// Files with passwords or private keys that every user of this machine can read.
    var openFiles: [String] = []
    /// This machine's time when it was examined, in seconds since 1970.
    var time: Int64

    init(_ ping: NodeReport, time: Int64) {
        self.ping = ping
        self.time = time
    }
}

extension NodeExamination {
    /// Examines a node.
    ///
    /// A question that the user may not ask leaves its answer unknown: an ACL for a cache need not allow
    /// INFO, CONFIG or CLIENT LIST.
    init(_ node: Node, fingerprint: String, keys: [String]) async {
        self.init(await NodeReport(asking: node, count: 10), time: WallClock.microseconds / 1_000_000)
        verification = node.configuration.connection.tls?.verification
        certificates = node.session?.certificates ?? []
        try? await node.waitForSentinels(before: node.deadline())
        sentinels = node.sentinelAnswers
        openFiles = SecretFiles.readableByAll(SecretFiles.all(of: node.configuration))
        guard ping.isUp else { return }
        // A server that doesn't tell has let in whom the DSN names.
        let login = node.configuration.connection.credentials?.username
        let user = (try? await node.send("ACL", "WHOAMI"))?.text ?? login ?? "default"
        self.user = user
        let rules = (try? await node.send("ACL", "LIST"))?.array
        tenants = rules.map { Tenants.whoMayForge(in: $0.compactMap(\.text), besides: user) }
        permissions = await Permissions(of: user, on: node, keys: keys)
        if let text = (try? await node.send("INFO"))?.text {
            let info = ServerInfo(text)
            maximumMemory = info.maximumMemory
            evictionPolicy = info.evictionPolicy
            hasAppendOnlyFile = info.hasAppendOnlyFile
        }
        let settings = (try? await node.send("CONFIG", "GET", "save"))?.array.map(Array.init) ?? []
        if settings.count == 2 { snapshots = settings[1].text }
        clock = await Self.clock(of: node)
        if let list = (try? await node.send("CLIENT", "LIST"))?.text {
            strangers = ListedClient.all(in: list).filter { $0.fingerprint != fingerprint }
        }
    }

    /// The server's clock against the middle of the round trip that asked for it, by the fastest of five.
    private static func clock(of node: Node) async -> (ahead: Duration, uncertainty: Duration)? {
        var best: (ahead: Duration, uncertainty: Duration)?
        for _ in 0..<5 {
            let (before, start) = (WallClock.microseconds, ContinuousClock.now)
            guard let time = (try? await node.send("TIME")).flatMap(ServerTime.init) else { return best }
            let half = (ContinuousClock.now - start) / 2
            let ahead = Duration.microseconds(time.microseconds - before) - half
            if best.map({ half < $0.uncertainty }) ?? true { best = (ahead, half) }
        }
        return best
    }
}
