extension LocalSentinelGroup {
    /// Starts a group, and returns when the replicas are in step and every sentinel knows all others.
    ///
    /// - Parameters:
    ///   - options: its options.
    ///   - deadline: how long it may take in all. Default 60 s, for machines that do much else at the same
    ///     time; a quiet one takes a second or two.
    ///   - program: the absolute path of the server program. nil: the first `redis-server` found, or else the
    ///     first `valkey-server`.
    /// - Throws: ``FleetError`` if no server program is installed, one doesn't start, or the deadline passes;
    ///   `CancellationError` if the task is cancelled. Nothing is left behind.
    public static func start(
        _ options: Options = Options(), deadline: Duration = .seconds(60), program: String? = nil
    ) async throws -> LocalSentinelGroup {
        guard options.sentinels >= 1, options.replicas >= 0, options.server.transport != .unix else {
            throw FleetError(
                .startFailed, "A group needs a sentinel at least, and TCP or TLS: sentinels name ports.")
        }
        return try await blocking(within: deadline) { patience in
            let program = try program ?? ServerBinary.find()
            let supervisor = try Supervisor(server: program)
            do {
                let group = try LocalSentinelGroup(options, program: program, supervisor: supervisor)
                try group.startAll(patience)
                return group
            } catch {
                supervisor.stop()
                throw error
            }
        }
    }

    private convenience init(
        _ options: Options, program: String, supervisor: Supervisor
    ) throws(FleetError) {
        let isTLS = if case .tls = options.server.transport { true } else { false }
        let certificates = isTLS ? try TestCertificates(supervisor: supervisor) : nil
        // One for all: replication and the sentinels get in by it, whatever clients must show.
        let administrator = Administrator()
        var made: [LocalServer] = []
        for (index, each) in (options.servers + options.watchers).enumerated() {
            made.append(
                try LocalServer(
                    each, position: index + 1, supervisor: supervisor, certificates: certificates,
                    administrator: administrator))
        }
        self.init(
            options, servers: Array(made.prefix(1 + options.replicas)),
            sentinels: Array(made.dropFirst(1 + options.replicas)), certificates: certificates,
            supervisor: supervisor)
        for server in servers { try server.append(serverLines(server, isTLS, administrator)) }
        for (index, sentinel) in sentinels.enumerated() {
            try sentinel.append(sentinelLines(index, isTLS, administrator))
            try writePrivateFile(
                "\(supervisor.folder)/\(sentinel.folder)/script", "exec '\(program)' redis.conf --sentinel\n")
        }
    }

    private func serverLines(
        _ server: LocalServer, _ isTLS: Bool, _ administrator: Administrator
    ) -> RedisConfiguration {
        var lines = RedisConfiguration()
        lines.add("masteruser", administrator.user)
        lines.add("masterauth", administrator.password)
        lines.add("repl-diskless-sync-delay", "0")
        if isTLS { lines.add("tls-replication", "yes") }
        if server !== servers[0] { lines.add("replicaof", "127.0.0.1", "\(servers[0].port ?? 0)") }
        return lines
    }

    /// See https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/. That sentinels know the
    /// servers and each other from the start saves the seconds in which they would find out.
    private func sentinelLines(
        _ index: Int, _ isTLS: Bool, _ administrator: Administrator
    ) -> RedisConfiguration {
        var lines = RedisConfiguration()
        let service = options.service
        if isTLS { lines.add("tls-replication", "yes") }
        lines.add("sentinel", "myid", Self.identifier(index))
        lines.add("sentinel", "monitor", service, "127.0.0.1", "\(servers[0].port ?? 0)", "\(options.quorum)")
        lines.add("sentinel", "auth-user", service, administrator.user)
        lines.add("sentinel", "auth-pass", service, administrator.password)
        lines.add("sentinel", "sentinel-user", administrator.user)
        lines.add("sentinel", "sentinel-pass", administrator.password)
        lines.add("sentinel", "down-after-milliseconds", service, "\(options.downAfter.milliseconds)")
        lines.add("sentinel", "failover-timeout", service, "\(options.failoverTimeout.milliseconds)")
        lines.add("sentinel", "parallel-syncs", service, "\(max(1, options.replicas))")
        for replica in servers.dropFirst() {
            lines.add("sentinel", "known-replica", service, "127.0.0.1", "\(replica.port ?? 0)")
        }
        for (other, sentinel) in sentinels.enumerated() where other != index {
            lines.add(
                "sentinel", "known-sentinel", service, "127.0.0.1", "\(sentinel.port ?? 0)",
                Self.identifier(other))
        }
        return lines
    }

    /// The run id of a sentinel: 40 hexadecimal digits.
    private static func identifier(_ index: Int) -> String {
        let digits = String(index + 1, radix: 16)
        return String(repeating: "c", count: 40 - digits.count) + digits
    }

    // MARK: In order

    private func startAll(_ patience: Patience) throws {
        for server in servers { try server.start() }
        for server in servers { try server.waitUntilReady(patience) }
        // A sentinel looks at a master every 10 s: a replica missing at the first look is found late.
        for replica in servers.dropFirst() {
            try patience.wait(for: "\(replica.name) to be in step with the master") { () throws(FleetError) in
                try replica.ask(["INFO", "replication"]).text?.contains("master_link_status:up") == true
            }
        }
        for sentinel in sentinels { try sentinel.start() }
        for sentinel in sentinels {
            try sentinel.waitUntilReady(patience)
            try patience.wait(for: "\(sentinel.name) to know all others") { () throws(FleetError) in
                try self.knowsAll(sentinel)
            }
            // Since Redis 7: a changed role is noticed within a second rather than ten.
            _ = try? sentinel.ask(["SENTINEL", "DEBUG", "INFO-PERIOD", "1000", "PUBLISH-PERIOD", "500"])
        }
    }

    private func knowsAll(_ sentinel: LocalServer) throws(FleetError) -> Bool {
        let facts = SentinelFacts(try sentinel.ask(["SENTINEL", "MASTER", options.service]))
        guard facts["flags"] == "master", facts["num-slaves"] == "\(options.replicas)",
            facts["num-other-sentinels"] == "\(sentinels.count - 1)"
        else { return false }
        let replicas = try sentinel.ask(["SENTINEL", "REPLICAS", options.service]).elements
        let others = try sentinel.ask(["SENTINEL", "SENTINELS", options.service]).elements
        return replicas.map(SentinelFacts.init).allSatisfy {
            $0["flags"] == "slave" && $0["master-link-status"] == "ok"
        } && others.map(SentinelFacts.init).allSatisfy { $0["flags"] == "sentinel" }
    }
}

/// A sentinel's answer about an instance: names and values in turn.
struct SentinelFacts {
    private let facts: [String: String]

    init(_ reply: ServerReply) {
        let words = reply.elements.map { $0.text ?? "" }
        var facts: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) { facts[words[index]] = words[index + 1] }
        self.facts = facts
    }

    subscript(_ name: String) -> String? { facts[name] }
}

extension LocalServer {
    /// Adds lines to the end of the configuration, before the server starts.
    fileprivate func append(_ lines: RedisConfiguration) throws(FleetError) {
        let path = "\(supervisor.folder)/\(folder)/redis.conf"
        try writePrivateFile(path, (readFile(path) ?? "") + lines.text)
    }
}

extension Patience {
    /// Blocks until `condition` holds; a server that doesn't answer yet has time.
    func wait(for what: String, _ condition: () throws(FleetError) -> Bool) throws {
        var failure: FleetError?
        while true {
            do throws(FleetError) {
                if try condition() { return }
                failure = nil
            } catch { failure = error }
            guard !hasEnded else {
                throw FleetError(
                    .timeout, "It took too long for \(what)" + (failure.map { ": \($0.message)" } ?? "."))
            }
            try pause(milliseconds: 20)
        }
    }
}

extension Duration {
    /// Whole milliseconds, as configurations have them.
    fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
