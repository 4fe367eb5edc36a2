import Caches
import CachesCluster
import CachesTransport

/// Classes as users write them.
final class ProfileCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "profile" }
}

final class LargeCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "large" }
}

/// This library's caches, on a pool.
struct CacheContender: Contender {
    let name: String
    let executor: Executor
    let pool: CachePool
    private let function: CachedFunction<Int, String>

    init(_ name: String, _ pool: CachePool, _ executor: Executor) {
        self.name = "\(name), \(executor.rawValue)"
        self.executor = executor
        self.pool = pool
        function = ProfileCache.cached(on: pool) { (_: Int) async throws in Work.value }
    }

    func run(_ work: Work, _ operations: Int) async throws -> Outcome? {
        let count = work == .batch ? operations / 100 * 100 : operations
        return try await Outcome.measured(count) {
            switch executor {
            case .pool: try await drive(work, count)
            case .loop: try await pool.withExecutor { try await drive(work, count) }
            }
        }
    }

    private func drive(_ work: Work, _ operations: Int) async throws -> [Duration] {
        switch work {
        case .get:
            return try await inTasks(work.tasks, operations) { number in
                let value = try await ProfileCache(number % Work.keys + Work.firstKey, on: pool).get()
                precondition(value != nil)
            }
        case .set:
            return try await inTasks(work.tasks, operations) { number in
                try await ProfileCache(number % Work.keys + Work.firstKey, on: pool).set(Work.value)
            }
        case .large:
            return try await inTasks(work.tasks, operations) { number in
                let value = try await LargeCache(number % Work.largeKeys + Work.firstKey, on: pool).get()
                precondition(value != nil)
            }
        case .batch:
            return try await inTasks(1, operations / 100) { _ in
                var gets: [BatchResult<String?>] = []
                try await pool.batch { b in
                    for number in 0..<100 {
                        gets.append(b.get(ProfileCache(number + Work.firstKey, on: pool)))
                    }
                }
                for get in gets {
                    let value = try get.value
                    precondition(value != nil)
                }
            }
        case .many:
            return try await inTasks(work.tasks, operations) { _ in
                let values = try await ProfileCache.getMany(Work.firstKey..<Work.firstKey + 100, on: pool)
                precondition(values.count == 100)
            }
        case .function:
            return try await inTasks(work.tasks, operations) { number in
                _ = try await function(number % Work.keys + Work.firstKey)
            }
        }
    }
}
