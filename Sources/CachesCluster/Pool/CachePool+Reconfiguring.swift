public import CachesTransport
internal import Logging

extension CachePool {
    /// Changes the servers of the pool, or how keys are placed on them, while it is used: servers are added,
    /// removed, given another weight, or moved to another host.
    ///
    /// ```swift
    /// try CachePool.shared.reconfigure(to: PoolConfiguration(environment: environment))
    /// ```
    ///
    /// No call fails because of it. Keys that get another server are handed over: for a while, a key that is
    /// wanted and has not arrived yet is fetched from its old server, with its remaining ttl. Values of any
    /// kind move, including counters, locks and collections, and **no call reads an older value than one that
    /// was written before it**, whichever process wrote it, if all processes of the fleet are told within
    /// ``HandOver/notice``. ``HandOver`` explains the stages; a key that moves costs a round trip or two
    /// more, once.
    ///
    /// It returns at once; ``handOver`` shows the progress. A reconfiguration during a hand-over waits for
    /// its end; of several, the last is taken.
    ///
    /// A server that can't be reached any more hands nothing over: its keys are misses at their new servers.
    /// A server whose address is the same keeps its keys, even under another name or with other credentials.
    /// Connections to servers that are not used any more close when their last call has ended.
    ///
    /// - Parameters:
    ///   - configuration: The new servers and placement.
    ///   - handOver: How keys are handed over. nil: not at all; the new servers are used from this moment,
    ///     however empty, and a hand-over under way ends. Processes that are told later then read and write
    ///     elsewhere meanwhile. The markers of a hand-over on the servers outlive its end: after one that was
    ///     ended this way, another from and to the same servers is refused until they are gone, which takes
    ///     as long as the whole would have, and its notice. The pool can't know of a hand-over that was ended
    ///     by a restart of the programs: wait as long, or it takes keys for handed over, and reads old
    ///     values.
    /// - Throws: ``CachesError`` of code ``CachesError/Code/configuration``, and nothing has changed then;
    ///   of code ``CachesError/Code/closed`` after ``close(deadline:)``.
    public func reconfigure(
        to configuration: PoolConfiguration, handOver: HandOver? = HandOver()
    ) throws(CachesError) {
        try handOver?.check()
        // If nodes have the same address in several topologies, the newest goes on.
        let topologies = shared.withLock { (try? $0.current.get())?.machine.all ?? [] }
        let topology = try PoolTopology(
            configuration, context, reusing: topologies.reversed().flatMap(\.membersAndReplicas))
        let action = try shared.withLock {
            shared throws(CachesError) -> PoolStateMachine<PoolTopology>.Action in
            guard case .success(var some) = shared.current else {
                // There was no pool before: the environment was wrong.
                shared.current = .success(Current(topology))
                return .settle(topology)
            }
            if handOver != nil {
                let former = some.machine.change?.to ?? some.machine.current
                try some.brokenHandOvers.check(from: former.fingerprint, to: topology.fingerprint)
            } else if let transition = some.transition {
                some.brokenHandOvers.append(
                    transition.step, from: transition.from.fingerprint, to: transition.to.fingerprint)
            }
            let action = some.machine.reconfigure(to: topology, handOver: handOver)
            some.take(action)
            shared.current = .success(some)
            return action
        }
        try perform(action)
    }

    /// The hand-over that is under way; nil if there is none.
    public var handOver: HandOver.Status? {
        guard let transition = shared.withLock({ (try? $0.current.get())?.transition }) else { return nil }
        let counts = transition.step.tally.counts
        return HandOver.Status(
            stage: transition.stage, from: transition.from.fingerprint, to: transition.to.fingerprint,
            moved: counts.moved, absent: counts.absent, lost: counts.lost)
    }

    /// The topology that is in use, or will be at the end of the hand-over under way.
    func latestTopology() throws(CachesError) -> PoolTopology {
        let machine = try shared.withLock { shared throws(CachesError) in try shared.current.get().machine }
        return machine.change?.to ?? machine.current
    }

    /// Ends the present stage of the hand-over under way, as its timer would: for tests, which don't wait.
    package func endStage() {
        guard let number = shared.withLock({ (try? $0.current.get())?.machine.change?.number }) else {
            return
        }
        stageEnded(of: number)
    }

    /// Accepts no more changes.
    /// - Returns: Every member that is in use.
    func closeForChanges() -> [Member] {
        let (topologies, timer) = shared.withLock { shared -> ([PoolTopology], EventLoop.TimerToken?) in
            guard case .success(var some) = shared.current else { return ([], nil) }
            let topologies = some.machine.all
            some.machine.close()
            shared.current = .success(some)
            return (topologies, some.timer)
        }
        if let timer { EventLoops.forTimers.cancel(timer) }
        var members: [Member] = []
        for member in topologies.lazy.flatMap(\.membersAndReplicas)
        where !members.contains(where: { $0.isIdentical(to: member) }) {
            members.append(member)
        }
        return members
    }

    private func stageEnded(of number: Int) {
        let action = shared.withLock { shared -> PoolStateMachine<PoolTopology>.Action in
            guard case .success(var some) = shared.current else { return .nothing }
            let action = some.machine.stageEnded(of: number)
            some.take(action)
            shared.current = .success(some)
            return action
        }
        try? perform(action)
    }

    private func perform(_ action: PoolStateMachine<PoolTopology>.Action) throws(CachesError) {
        switch action {
        case .nothing: break
        case .refuse:
            throw CachesError(
                .closed, "The pool was closed.", advice: "Make a new one of the new configuration.")
        case .wait:
            logger.notice("another configuration waits for the end of the hand-over under way")
        case .settle(let topology):
            context.roster.set(topology.roster, spreads: topology.spreads)
            topology.announce()
            logger.notice("servers reconfigured", metadata: ["fingerprint": "\(topology.fingerprint)"])
        case .enter(let change):
            if change.stage == .handingOver {
                context.roster.set(change.to.roster, spreads: change.to.spreads)
                change.to.announce()
            }
            log(change)
            let timer = EventLoops.forTimers.schedule(after: change.length) { [weak self] in
                self?.stageEnded(of: change.number)
            }
            shared.withLock {
                if case .success(var some) = $0.current { some.timer = timer; $0.current = .success(some) }
            }
        }
    }

    private func log(_ change: PoolStateMachine<PoolTopology>.Change) {
        var metadata: Logger.Metadata = [
            "from": "\(change.from.fingerprint)", "to": "\(change.to.fingerprint)",
            "stage": "\(change.stage.rawValue)", "for": "\(change.length)",
        ]
        if change.stage == .closing, let handOver {
            metadata["moved"] = "\(handOver.moved)"
            metadata["lost"] = "\(handOver.lost)"
        }
        logger.notice("servers are being reconfigured", metadata: metadata)
    }
}

extension CachePool.Current {
    /// Updates the state that calls use by the machine's action.
    fileprivate mutating func take(_ action: PoolStateMachine<PoolTopology>.Action) {
        switch action {
        case .nothing, .wait, .refuse: break
        case .settle(let topology):
            self.topology = topology
            transition = nil
        case .enter(let change):
            guard let transition, change.stage != .announced else {
                // Markers outlive the hand-over, since other processes may end it later.
                let end = Deadline.after(change.handOver.length + change.handOver.notice)
                topology = change.from
                transition = PoolTransition(
                    .announced, from: change.from, to: change.to, markersEnd: end)
                return
            }
            self.transition = transition.at(change.stage)
        }
    }
}

extension PoolTopology {
    /// Announces the pool's fingerprint to the servers.
    fileprivate func announce() { for member in all.members { member.announce(fingerprint) } }
}
