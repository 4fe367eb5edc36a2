/// The views of all servers of a cluster, as far as they answered: the role and slots of each, and whether
/// all agree.
struct ClusterSurvey: Sendable {
    /// A server and its answer.
    struct Answer: Sendable {
        /// Its identifier, which it keeps for as long as it lives.
        var id: String
        /// Its name in errors.
        var name: String
        /// nil if it is down or paused.
        var view: ClusterView?
    }

    /// How many slots a cluster has.
    static let slotCount = 16_384

    /// One for each server, in the servers' order.
    var answers: [Answer]

    /// The identifiers of the masters, also those without slots, by what each says of itself.
    var masters: [String] { answers.filter { $0.view?.own.isMaster == true }.map(\.id) }

    /// The identifiers of a master's replicas, by what each says of itself.
    func replicas(of master: String) -> [String] {
        answers.filter { $0.view?.own.master == master }.map(\.id)
    }

    /// The identifier of the master that has the slot, nil if none that answers has it.
    ///
    /// A master that was paused while another took its place doesn't know it at once: the greater epoch wins.
    func owner(ofSlot slot: Int) -> String? {
        let claims = answers.compactMap(\.view?.own).filter { node in
            node.isMaster && node.slots.contains { $0.contains(slot) }
        }
        return claims.max { $0.epoch < $1.epoch }?.id
    }

    /// A server's view; nil if it doesn't answer.
    func view(of id: String) -> ClusterView? { answers.first { $0.id == id }?.view }

    /// Whether a server is a master that serves, and all that answer know that, and its slots.
    func isMasterToAll(_ id: String) -> Bool {
        guard let view = view(of: id), view.own.isMaster, view.isOK else { return false }
        return answers.compactMap(\.view).allSatisfy { other in
            other.nodes[id].map { $0.isMaster && $0.slots == view.own.slots } ?? false
        }
    }

    /// Whether a server is a replica, and all that answer know that, and whose.
    func isReplicaToAll(_ id: String) -> Bool {
        guard let master = view(of: id)?.own.master else { return false }
        return answers.compactMap(\.view).allSatisfy { $0.nodes[id]?.master == master }
    }

    /// Whether every slot has a master that serves.
    var isServed: Bool {
        let ranges = answers.compactMap(\.view).filter { $0.isOK && $0.own.isMaster }.flatMap(\.own.slots)
        var next = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard range.lowerBound <= next else { return false }
            next = max(next, range.upperBound + 1)
        }
        return next == ClusterSurvey.slotCount
    }

    /// The reason why the cluster is not settled; nil if every slot is served, every replica is in step, and
    /// all that answer agree about all servers and hold none that answers to be down.
    ///
    /// - Parameter hasHostnames: whether every server has to know the host names too.
    func fault(hasHostnames: Bool = false) -> Fault? {
        let ids = Set(answers.map(\.id))
        for asked in answers {
            guard let view = asked.view else { continue }
            if let other = answers.first(where: { view.nodes[$0.id] == nil }) {
                return Fault(asked, "doesn't know \(other.name)")
            }
            guard Set(view.nodes.keys) == ids else { return Fault(asked, "knows a node outside the cluster") }
            for told in answers {
                guard let seen = view.nodes[told.id] else { continue }
                guard let own = told.view?.own else {
                    if !seen.slots.isEmpty { return Fault(asked, "waits for \(told.name), which is down") }
                    continue
                }
                if seen.isInDoubt { return Fault(asked, "is in doubt about \(told.name)") }
                if seen.isMaster != own.isMaster || seen.master != own.master || seen.slots != own.slots {
                    return Fault(asked, "is not up to date about \(told.name)")
                }
                if hasHostnames, seen.hostname == nil {
                    return Fault(asked, "doesn't know the host name of \(told.name)")
                }
            }
            if !view.isInStep { return Fault(asked, "is not in step with its master") }
            if !view.isOK { return Fault(asked, "doesn't serve") }
        }
        return isServed ? nil : Fault(id: nil, message: "Some slots have no master.")
    }

    /// Why a cluster is not settled.
    struct Fault: Hashable, Sendable {
        /// The server that told it, if it was one.
        var id: String?
        var message: String
    }
}

extension ClusterSurvey.Fault {
    fileprivate init(_ asked: ClusterSurvey.Answer, _ what: String) {
        self.init(id: asked.id, message: "\(asked.name) \(what).")
    }
}
