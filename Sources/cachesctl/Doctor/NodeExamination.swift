import Caches
import CachesCluster
import CachesTransport

/// The facts found out about one server. ``findings`` judges them.
struct NodeExamination: Sendable {
    /// Reachability, version, role, round trips.
    var ping: NodeReport
    /// The certificates that the server showed, its own first; empty without TLS.
    var certificates: [Certificate] = []
    /// How much of the certificate is checked; nil without TLS.
    var verification: TLSConfiguration.Verification?
    /// The ACL user that the server names, otherwise the one of the DSN; nil if the server is down.
    var user: String?
    var permissions = Permissions()
    /// The memory limit in bytes, 0 for no limit; nil if the server didn't say.
    var maximumMemory: Int?
    var evictionPolicy: String?
    /// When snapshots are made, such as `3600 1 300 100`; empty for never; nil if the server didn't say.
    var snapshots: String?
    var hasAppendOnlyFile: Bool?
    /// How far the server's clock is ahead of this machine's clock, and by how much that may be wrong.
    var clock: (ahead: Duration, uncertainty: Duration)?
    /// Connections of other pools; nil if the server didn't tell.
    var strangers: [ListedClient]?
    /// The answer of each Sentinel about the primary's address, in a few words; empty without Sentinels.
    var sentinels: [(sentinel: Endpoint, answer: String)] = []
    /// Other users that may write this library's own keys; nil if the server didn't tell.
    var tenants: [String]?
    /// Files with passwords or private keys that every user of this machine can read.
    var openFiles: [String] = []
    /// This machine's time of the examination, in seconds since 1970.
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
        // A server that doesn't tell has let in the user of the DSN.
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

    /// Compares the server's clock with the middle of the round trip that asked for it: the fastest of five.
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
