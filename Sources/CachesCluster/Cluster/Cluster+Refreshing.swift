internal import CachesTransport
internal import Logging

// Asking for the table.
extension Cluster {
    /// Somebody needs to know who owns what now.
    func want() {
        perform(shared.withLock { $0.refresh.want(now: .now, jitter: .random(in: 0...1)) })
    }

    /// Waits until there is a table.
    /// - Throws: ``CachesError`` if there is none at `deadline`, or what was configured is no cluster.
    func discover(deadline: Deadline) async throws {
        while true {
            let (isKnown, fault, isClosed) = shared.withLock { ($0.map != nil, $0.fault, $0.isClosed) }
            if isClosed { throw CachesError.poolClosed.at(name) }
            if isKnown { return }
            if let fault, fault.code == .configuration || deadline.hasPassed { throw fault }
            guard !deadline.hasPassed else {
                throw CachesError(
                    .timeout, "No server of the cluster has told in time which of them owns what.",
                    advice: "Check that the hosts of the DSN run, and can be reached.", node: name)
            }
            want()
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// What a server is given to tell the table.
    private static let patience = Duration.milliseconds(500)

    private func perform(_ action: TableRefresh.Action) {
        switch action {
        case .nothing: break
        case .ask:
            // On the loop: a pool of threads that compute must not keep the table old.
            Task(executorPreference: loop) { [weak self] in await self?.ask() }
        case .wait(let step, let duration):
            let timer = loop.schedule(after: duration) { [weak self] in
                guard let self else { return }
                perform(shared.withLock { $0.refresh.due(step: step, now: .now) })
            }
            if let old = shared.withLock({ $0.timer.begin(step, timer) }) { loop.cancel(old) }
        }
    }

    /// Asks one node after the other, until one answers.
    private func ask() async {
        var fault: CachesError?
        for candidate in candidates() {
            let node = candidate()
            do {
                let call = Node.Call(count: 1, idempotent: true, deadline: .after(Self.patience))
                let reply = try await node.exchangeHere(call) { $0.words("CLUSTER", "SLOTS") }[0]
                    .unlessError(from: node)
                guard let table = SlotTable(reply, asked: node.configuration.connection.endpoint) else {
                    throw reply.unexpected(from: node)
                }
                guard !table.ranges.isEmpty else { throw Self.isEmpty.at(node.name) }
                return take(table)
            } catch let error as CachesError {
                // What says that this is no cluster says more than that another does not answer.
                let error = Self.isNoCluster(error) ? Self.noCluster.at(node.name) : error
                if fault?.code != .configuration { fault = error }
            } catch {
                break
            }
        }
        let (action, isNews) = shared.withLock { shared in
            let isNews = shared.fault?.code != fault?.code
            shared.fault = fault
            let action = shared.refresh.answered(isNews: false, now: .now, jitter: .random(in: 0...1))
            return (action, isNews)
        }
        if isNews, let fault {
            logger.warning(
                "no server tells who owns which slots of the cluster",
                metadata: ["node": "\(name)", "reason": "\(fault)"])
        }
        perform(action)
    }

    /// The nodes to ask, the most promising first. Those that the DSN names come last, and are made when it is their
    /// turn: they may have left the cluster long ago.
    private func candidates() -> [() -> Node] {
        let nodes = (shared.withLock { $0.map }?.nodes ?? []).shuffled()
        let (well, ill) = (nodes.filter { $0.health == .healthy }, nodes.filter { $0.health != .healthy })
        return (well + ill).map { node in { node } }
            + seeds.map { seed in { self.node(at: seed, isReplica: false) } }
    }

    private func take(_ table: SlotTable) {
        let (action, retired, isNews) = shared.withLock { shared in
            let isNews = table != shared.table
            var retired: [Node] = []
            if isNews {
                let map = SlotMap(table) { node(at: $0, isReplica: $1, &shared) }
                let used = Set(map.nodes.map(ObjectIdentifier.init))
                retired = shared.nodes.values.filter { !used.contains(ObjectIdentifier($0)) }
                shared.nodes = shared.nodes.filter { used.contains(ObjectIdentifier($0.value)) }
                (shared.map, shared.table) = (map, table)
            }
            shared.fault = nil
            let action = shared.refresh.answered(isNews: isNews, now: .now, jitter: .random(in: 0...1))
            return (action, retired, isNews)
        }
        if isNews {
            let masters = Set(table.ranges.map(\.master))
            logger.info(
                "slots of the cluster are owned anew",
                metadata: [
                    "node": "\(name)", "masters": "\(masters.count)",
                    "slots": "\(table.ranges.reduce(0) { $0 + $1.slots.count })",
                ])
        }
        let deadline = Deadline.after(.seconds(1))
        for node in retired { Task { await node.close(deadline: deadline) } }
        perform(action)
    }

    private static func isNoCluster(_ error: CachesError) -> Bool {
        error.code.serverName == "ERR" && error.message.contains("cluster support disabled")
    }

    private static let noCluster = CachesError(
        .configuration, "The server is none of a cluster: its cluster support is disabled.",
        advice: "Begin the DSN with redis:// or rediss://, and give each server one of its own.")

    private static let isEmpty = CachesError(
        .unreachable, "The server belongs to no cluster yet, or to one in which nobody owns a slot.",
        advice: "Create the cluster first: redis-cli --cluster create.")
}
