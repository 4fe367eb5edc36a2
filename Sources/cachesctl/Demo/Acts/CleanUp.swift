import Caches
import CachesCluster
import CachesTerminal

extension Demo {
    /// Removes every key that the demo wrote, wherever the demo stopped.
    func cleanUp() async throws {
        stage.begin("Clean up")
        var keys: [String: [String]] = [:]
        for index in 0..<extent.count {
            let key = DemoCache(index).key.text
            keys[try pool.node(for: key).name, default: []].append(key)
        }
        let pinned = PinnedCache("pinned").key.text
        keys[try pool.node(for: pinned, connection: DemoRun.current.pinned).name, default: []].append(pinned)

        // A node that doesn't answer must not keep the others from being cleaned.
        let results = try await forEachNode { [keys] node -> Result<Int, any Error> in
            do {
                return .success(try await node.total("UNLINK", of: keys[node.name, default: []]))
            } catch {
                return .failure(error)
            }
        }
        let removed = results.reduce(0) { $0 + ((try? $1.result.get()) ?? 0) }
        stage.report("\(Figures.count(removed, "key")) removed")
        for case (let name, .failure(let error)) in results {
            stage.report(
                "\(name) could not be asked: the keys left there expire within the hour. \(error)",
                isGood: false)
        }
        for (_, result) in results { _ = try result.get() }
    }
}
