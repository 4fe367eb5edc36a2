extension LocalSentinelGroup {
    /// How long it took the servers themselves to have another master.
    public struct Failover: Sendable {
        /// When the wait for it began.
        public let began: ContinuousClock.Instant

        /// When every sentinel that answers named the new master, and that said so, too.
        public let ended: ContinuousClock.Instant

        /// The new master.
        public let master: LocalServer

        /// From one to the other: no client can do without a gap of about this length.
        public var length: Duration { ended - began }
    }

    /// The server that says it is the master and that most sentinels which answer name.
    ///
    /// - Throws: ``FleetError`` if no server is the master at present.
    public func master() async throws(FleetError) -> LocalServer {
        try await blocking { () throws(FleetError) in
            guard let master = self.agreedMaster() else {
                throw FleetError(
                    .commandFailed, "No server is the master to itself and to most sentinels.",
                    advice: "Wait for the failover that is under way.")
            }
            return master
        }
    }

    /// The servers that replicate at present, those that answer.
    public func replicas() async -> [LocalServer] {
        await blocking { () throws(Never) in self.servers.filter { self.role(of: $0) == "slave" } }
    }

    /// Has a sentinel make a replica the master, as for maintenance (`SENTINEL FAILOVER`). Returns when that
    /// has begun.
    ///
    /// - Throws: ``FleetError`` if no sentinel begins one: there is no replica to promote, or one is under
    ///   way.
    public func failOver() async throws(FleetError) {
        try await blocking { () throws(FleetError) in
            var failure = FleetError(.commandFailed, "No sentinel answers.")
            for sentinel in self.sentinels {
                do throws(FleetError) {
                    try sentinel.ask(["SENTINEL", "FAILOVER", self.options.service])
                    return
                } catch { failure = error }
            }
            throw failure
        }
    }

    /// Waits until another server than `former` is the master, by itself and for all sentinels that answer,
    /// and measures how long that takes from now on.
    ///
    /// - Parameter deadline: how long it may take at most. Default 60 s.
    /// - Throws: ``FleetError`` if the deadline passes; `CancellationError` if the task is cancelled.
    @discardableResult
    public func waitForFailover(
        from former: LocalServer, deadline: Duration = .seconds(60)
    ) async throws -> Failover {
        let began = ContinuousClock.now
        // Pauses without a thread: a failover takes seconds, and several tests wait for one at the same time.
        while true {
            let master = await blocking { () throws(Never) in self.agreedMaster(byAll: true) }
            if let master, master !== former {
                return Failover(began: began, ended: .now, master: master)
            }
            guard ContinuousClock.now - began < deadline else {
                throw FleetError(
                    .timeout, "No other server than \(former.name) became the master within \(deadline).",
                    advice: "Its sentinels' logs say why: \(sentinels[0].log)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// How long a server that hangs is waited for, during the search for the master.
    private static let answerTime = Duration.milliseconds(500)

    private func agreedMaster(byAll: Bool = false) -> LocalServer? {
        let named = sentinels.compactMap { sentinel -> Int? in
            let reply = try? sentinel.ask(
                ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", options.service], timeout: Self.answerTime)
            return reply?.elements.last?.integer.map { Int($0) }
        }
        for port in Set(named) {
            let votes = named.count { $0 == port }
            guard byAll ? votes == named.count : 2 * votes > named.count,
                let server = servers.first(where: { $0.port == port }), role(of: server) == "master"
            else { continue }
            return server
        }
        return nil
    }

    private func role(of server: LocalServer) -> String? {
        try? server.ask(["ROLE"], timeout: Self.answerTime).elements.first?.text
    }
}
