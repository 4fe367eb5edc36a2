import Caches
import CachesCluster

extension Demo {
    /// Uses one node by the name that its DSN's fragment gives it. Returns how many reads were wrong.
    func useNamedConnection() async throws -> Int {
        let name = try pool.nodes[0].name
        stage.begin("Named connection", "class PinnedCache { connection = \"\(name)\" }")
        let cache = PinnedCache("pinned")
        try await cache.set("only here")
        let value = try await cache.get()
        let counts = try await forEachNode { try await $0.total("EXISTS", of: [cache.key.text]) }
        let holders = counts.filter { $0.result > 0 }.map(\.name)
        let isRight = value == "only here" && holders.contains(name)
        stage.report("\(cache.key) is on \(holders.joined(separator: ", "))", isGood: isRight)
        return isRight ? 0 : 1
    }
}
