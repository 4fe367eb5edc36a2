internal import CachesTransport
internal import Logging

// Asking for the table.
extension Cluster {
    /// Requests a new table: the owners of the slots may have changed.
    func requestRefresh() {
        perform(shared.withLock { $0.refresh.request(now: .now, jitter: .random(in: 0...1)) })
    }

    /// Waits until there is a table.
    /// - Throws: ``CachesError`` if there is no table at `deadline`, or the configured server is not part of
    ///   a cluster.
    func discover(deadline: Deadline) async throws {
        let isKnown: Void? = try await tableChanges.first(before: deadline, on: loop) {
            let (isKnown, fault, isClosed) = shared.withLock { ($0.map != nil, $0.fault, $0.isClosed) }
            if isClosed { throw CachesError.poolClosed.at(name) }
            if isKnown { return () }
            if let fault, fault.code == .configuration { throw fault }
            requestRefresh()
            return nil
        }
        guard isKnown == nil else { return }
        throw shared.withLock { $0.fault }
            ?? CachesError(
                .timeout, "No server of the cluster has told the owners of the slots in time.",
                advice: "Check that the hosts of the DSN run, and can be reached.", node: name)
    }

    /// How long a server may take to tell the table.
    private static let patience = Duration.milliseconds(500)

    private func perform(_ action: TableRefresh.Action) {
        switch action {
        case .nothing: break
        case .ask:
            // On the loop: a busy pool of compute threads must not keep the table old.
            Task(executorPreference: loop) { [weak self] in await self?.ask() }
        case .wait(let step, let duration):
            let timer = loop.schedule(after: duration) { [weak self] in
                guard let self else { return }
                perform(shared.withLock { $0.refresh.due(step: step, now: .now) })
            }
            if let old = shared.withLock({ $0.timer.begin(step, timer) }) { loop.cancel(old) }
        }
    }

    /// Asks as many servers as needed: see `TablePoll`.
    private func ask() async {
        var poll = poll()
        var omissions: [String] = []
        let outcome = await withTaskGroup(
            of: (TablePoll.Voter, TablePoll.Word, omissions: [String]).self,
            returning: TablePoll.Outcome?.self
        ) { group in
            defer { group.cancelAll() }
            var action = poll.begin()
            while true {
                switch action {
                case .over(let outcome): return outcome
                case .ask(let voters):
                    for voter in voters { group.addTask { await self.ask(voter) } }
                case .wait: break
                }
                guard let (voter, word, omitted) = await group.next() else { return nil }
                if omissions.count < SlotsAnswer.mostOmissions { omissions += omitted }
                action = poll.heard(word, from: voter)
            }
        }
        report(omissions)
        conclude(outcome ?? TablePoll.Outcome())
    }

    private func poll() -> TablePoll {
        let (table, nodes, asksSeed) = shared.withLock { shared in
            let isComplete = shared.table?.isComplete ?? false
            let asksSeed = shared.refresh.asksSeed(isComplete: isComplete, now: .now)
            return (shared.table, shared.map?.shards ?? [], asksSeed)
        }
        guard let table else {
            let hosts = seeds.shuffled().map { Place(endpoint: $0, isReplica: false) }
            return TablePoll(present: nil, servers: hosts, seeds: seeds, asksSeed: false)
        }
        // Healthy nodes first, and masters, to which there are connections, before replicas.
        let masters = nodes.map { (node: $0.master, isReplica: false) }.shuffled()
        let replicas = nodes.flatMap { $0.replicas.map { (node: $0, isReplica: true) } }.shuffled()
        let all = masters + replicas
        let servers = all.filter { $0.node.health == .healthy } + all.filter { $0.node.health != .healthy }
        return TablePoll(
            present: table,
            servers: servers.map {
                Place(endpoint: $0.node.configuration.connection.endpoint, isReplica: $0.isReplica)
            }, seeds: seeds, asksSeed: asksSeed)
    }

    private func ask(_ voter: Place) async -> (TablePoll.Voter, TablePoll.Word, omissions: [String]) {
        let node = node(at: voter.endpoint, isReplica: voter.isReplica)
        do {
            let call = Node.Call(idempotent: true, deadline: .after(Self.patience), reach: .server)
            let reply = try await node.carryOut(call) { $0.words("CLUSTER", "SLOTS") }.only(from: node)
            let answer: SlotsAnswer
            do throws(CachesError) {
                answer = try SlotsAnswer(
                    reply, asked: voter.endpoint, map: configuration.addressMap,
                    mostServers: configuration.maximumServers)
            } catch { throw error.at(node.name) }
            guard !answer.table.ranges.isEmpty else { throw Self.isEmpty.at(node.name) }
            return (voter, .table(answer.table), answer.omissions)
        } catch let error as CachesError {
            return (voter, .failure(Self.isNoCluster(error) ? Self.noCluster.at(node.name) : error), [])
        } catch {
            // Cancelled: the poll is over.
            return (
                voter, .failure(CachesError(.timeout, "The question was cancelled.", node: node.name)), []
            )
        }
    }

    /// Applies the outcome of a poll.
    private func conclude(_ outcome: TablePoll.Outcome) {
        let (action, retired, news, fault) = shared.withLock { shared in
            let now = ContinuousClock.now
            let outcome = admitted(outcome, now, &shared)
            let isNews = outcome.table.map { $0 != shared.table } ?? false
            let isNewFault = outcome.fault != nil && shared.fault?.code != outcome.fault?.code
            shared.fault = outcome.fault
            if outcome.fault == nil, let table = outcome.table ?? shared.table {
                adopt(table, isNews, now, &shared)
            }
            let retired = removeRetired(now, &shared)
            let action = shared.refresh.answered(isNews: isNews, now: now, jitter: .random(in: 0...1))
            return (action, retired, isNews ? outcome.table : nil, isNewFault ? outcome.fault : nil)
        }
        if let table = news {
            let masters = Set(table.ranges.map(\.master))
            logger.info(
                "slots of the cluster have new owners",
                metadata: ["node": "\(name)", "masters": "\(masters.count)", "slots": "\(table.coverage)"])
        }
        if let fault {
            logger.warning(
                "no server tells the owners of the slots of the cluster",
                metadata: ["node": "\(name)", "reason": "\(fault)"])
        }
        if outcome.fault == nil { report(unheard: Set(outcome.unheard)) }
        for node in retired { Task { await node.leaveCluster() } }
        perform(action)
        tableChanges.changed()
    }

    /// The outcome, without a table that brings in more servers than allowed. Called under the lock.
    private func admitted(
        _ outcome: TablePoll.Outcome, _ now: ContinuousClock.Instant, _ shared: inout Shared
    ) -> TablePoll.Outcome {
        guard let table = outcome.table, table != shared.table else { return outcome }
        let known = Set((shared.table?.places ?? []).map(\.endpoint))
        let new = Set(table.places.map(\.endpoint)).subtracting(known)
        guard !shared.newcomers.admit(new.count, now: now) else { return outcome }
        var outcome = outcome
        outcome.table = nil
        outcome.fault = Self.tooManyNewcomers(configuration.maximumServers).at(name)
        return outcome
    }

    private static func tooManyNewcomers(_ most: Int) -> CachesError {
        CachesError(
            .protocolViolation,
            "Servers of the cluster name ever other servers, more than twice \(most) in a short time: the table in use stays.",
            advice: "Compare CLUSTER NODES on the servers. If so many do come and go, raise max-servers.")
    }

    /// How long a `MOVED` is believed rather than a table that contradicts it: the server that was asked for
    /// the table may not have heard of the change yet. A wrong `MOVED` is corrected after that.
    private static let trust = Duration.seconds(2)

    /// Called under the lock.
    private func adopt(
        _ table: SlotTable, _ isNews: Bool, _ now: ContinuousClock.Instant, _ shared: inout Shared
    ) {
        guard isNews || !shared.learned.isEmpty else { return }
        shared.learned = shared.learned.filter { now - $0.value.time < Self.trust }
        let map = SlotMap(table) { node(at: $0, isReplica: $1, &shared) }
        (shared.map, shared.table) = (map.moving(shared.learned.mapValues(\.node)), table)
    }

    /// Removes and returns the nodes that are no longer needed. Called under the lock.
    func removeRetired(_ now: ContinuousClock.Instant, _ shared: inout Shared) -> [Node] {
        guard let map = shared.map else { return [] }
        let used = Set(map.nodes.map(ObjectIdentifier.init))
        let retired = shared.nodes.filter { place, node in
            !used.contains(ObjectIdentifier(node)) && !shared.strangers.isInUse(place, now: now)
        }
        for place in retired.keys { shared.nodes[place] = nil }
        shared.strangers.keep(Set(shared.nodes.keys))
        shared.renewals.keep(Set(shared.nodes.keys))
        return Array(retired.values)
    }

    // MARK: Log

    /// Logs that servers answered but were ignored; once, until other servers are ignored.
    private func report(unheard: Set<Endpoint>) {
        let isNews = shared.withLock { shared in
            defer { shared.reported.unheard = unheard }
            return !unheard.isSubset(of: shared.reported.unheard)
        }
        guard isNews else { return }
        logger.warning(
            "servers contradict the others about who is in the cluster, and are not heard",
            metadata: [
                "node": "\(name)",
                "servers": "\(unheard.map(\.description).sorted().joined(separator: ", "))",
                "advice": "Compare CLUSTER NODES there with the others', and check the hosts of the DSN.",
            ])
    }

    /// Logs each part of an answer that could not be read, once.
    private func report(_ omissions: [String]) {
        let new = shared.withLock { shared in
            omissions.filter { omission in
                shared.reported.omissions.count < Self.mostReports
                    && shared.reported.omissions.insert(omission).inserted
            }
        }
        for omission in new {
            logger.warning(
                "a part of what a server tells of the cluster can't be read, and is left out",
                metadata: ["node": "\(name)", "reason": "\(omission)"])
        }
    }

    private static let mostReports = 64

    private static func isNoCluster(_ error: CachesError) -> Bool {
        error.code.serverName == "ERR" && error.message.contains("cluster support disabled")
    }

    private static let noCluster = CachesError(
        .configuration, "The server is not part of a cluster: its cluster support is disabled.",
        advice: "Begin the DSN with redis:// or rediss://, and give each server one of its own.")

    private static let isEmpty = CachesError(
        .unreachable, "The server belongs to no cluster yet, or to one in which nobody owns a slot.",
        advice: "Create the cluster first: redis-cli --cluster create.")
}
