import Synchronization
import Testing

@testable import cachesctl

struct DemoWorkloadTests {
    private struct Seen: Tallying {
        var indices: [Int] = []
        mutating func add(_ other: Seen) { indices += other.indices }
    }

    @Test(
        "Every key has its turn exactly once, whatever the number of tasks",
        arguments: [(1, 1), (1, 64), (100, 7), (64, 64), (1000, 1)])
    func everyKey(keys: Int, tasks: Int) async throws {
        let workload = DemoWorkload(keys: keys, valueBytes: 8, tasks: tasks)
        let seen = try await workload.forEachKey { index, seen in seen.indices.append(index) } as Seen
        #expect(seen.indices.sorted() == Array(0..<keys))
    }

    @Test("No more tasks are at work than were asked for")
    func bounded() async throws {
        let workload = DemoWorkload(keys: 500, valueBytes: 8, tasks: 5)
        let atWork = Mutex((now: 0, most: 0))
        _ =
            try await workload.forEachKey { _, _ in
                atWork.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                await Task.yield()
                atWork.withLock { $0.now -= 1 }
            } as Seen
        #expect(atWork.withLock { (1...5).contains($0.most) && $0.now == 0 })
    }

    @Test("A cancelled workload stops before its end")
    func cancelled() async throws {
        let workload = DemoWorkload(keys: 1_000_000_000, valueBytes: 8, tasks: 2)
        let task = Task { try await workload.forEachKey { _, _ in await Task.yield() } as Seen }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(
        "A value has the size asked for and belongs to one key of one run",
        arguments: [1, 9, 10, 11, 64, 1000])
    func values(bytes: Int) {
        let workload = DemoWorkload(keys: 10, valueBytes: bytes, tasks: 1, seed: 1)
        let values = (0..<10).map(workload.value)
        #expect(values.allSatisfy { $0.utf8.count == bytes })
        #expect(values == (0..<10).map(workload.value))
        guard bytes >= 9 else { return }
        #expect(Set(values).count == 10)
        #expect(DemoWorkload(keys: 10, valueBytes: bytes, tasks: 1, seed: 2).value(0) != values[0])
    }

    @Test("Two runs never write under the same prefix")
    func prefix() {
        let prefixes = (0..<100).map { _ in DemoWorkload(keys: 1, valueBytes: 1, tasks: 1).prefix }
        #expect(Set(prefixes).count == 100)
        #expect(prefixes.allSatisfy { $0.hasPrefix("caches-demo-") })
    }
}
