import Caches

/// A client process that carries out orders, one after the other.
struct OrderedClient: Sendable {
    let pool: CachePool
    let workload: Workload

    /// The answer to an order.
    enum Answer: String, Sendable {
        case done
        /// The condition did not come true in time.
        case late
        /// There is no such order.
        case unknown
    }

    /// Carries out the order of a line.
    func carryOut(_ line: String) async -> Answer {
        switch ClientOrder(line) {
        case .read(let key):
            await workload.read(key: key)
            return .done
        case .write(let key, let version):
            workload.writeOrder(of: key)
            await workload.write(key: key, version: version)
            return .done
        case .readUntilOut(let key, let node):
            return await wait(until: { isOut(node) }) { await workload.read(key: key) }
        case .waitUntilUsed(let node): return await wait(until: { !isOut(node) }) {}
        case nil: return .unknown
        }
    }

    private func isOut(_ node: Int) -> Bool { (try? pool.nodes[node].isOut) ?? true }

    private func wait(until holds: () -> Bool, doing body: () async -> Void) async -> Answer {
        let end = MachineClock.now + ClientOrder.patience
        while !holds() {
            guard MachineClock.now < end else { return .late }
            await body()
            try? await Task.sleep(for: .milliseconds(2))
        }
        return .done
    }
}
