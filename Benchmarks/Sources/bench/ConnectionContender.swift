import CachesCluster
import CachesTransport

/// This library's connection to one server, without cache classes.
struct ConnectionContender: Contender {
    let name: String
    let executor: Executor
    let connection: Connection
    private let keys: [String]
    private let largeKeys: [String]

    init(_ name: String, _ dsn: String, _ executor: Executor) throws {
        self.name = "\(name), \(executor.rawValue)"
        self.executor = executor
        connection = Connection(try PoolConfiguration(dsns: [dsn]).nodes[0].connection)
        keys = (0..<Work.keys).map { ProfileCache.key($0 + Work.firstKey).text }
        largeKeys = (0..<Work.largeKeys).map { LargeCache.key($0 + Work.firstKey).text }
    }

    func run(_ work: Work, _ operations: Int) async throws -> Outcome? {
        if work == .function { return nil }
        let count = work == .batch ? operations / 100 * 100 : operations
        return try await Outcome.measured(count) {
            switch executor {
            case .pool: try await drive(work, count)
            case .loop:
                try await withTaskExecutorPreference(EventLoops.forTasks) { try await drive(work, count) }
            }
        }
    }

    private func drive(_ work: Work, _ operations: Int) async throws -> [Duration] {
        let deadline = Deadline.after(.seconds(300))
        @Sendable func get(_ key: String) async throws {
            let reply = try await connection.send(deadline: deadline) { command in
                command.begin(2)
                command.argument("GET")
                command.argument(key)
            }
            precondition(reply.bytes != nil)
        }
        switch work {
        case .get: return try await inTasks(work.tasks, operations) { try await get(keys[$0 % Work.keys]) }
        case .large:
            return try await inTasks(work.tasks, operations) { number in
                try await get(largeKeys[number % Work.largeKeys])
            }
        case .set:
            return try await inTasks(work.tasks, operations) { number in
                _ = try await connection.send(deadline: deadline) { command in
                    command.begin(3)
                    command.argument("SET")
                    command.argument(keys[number % Work.keys])
                    command.argument(Work.value)
                }
            }
        case .batch:
            return try await inTasks(1, operations / 100) { _ in
                let replies = try await connection.pipeline(100, deadline: deadline) { command in
                    for number in 0..<100 {
                        command.begin(2)
                        command.argument("GET")
                        command.argument(keys[number])
                    }
                }
                precondition(replies.count == 100)
            }
        case .many:
            return try await inTasks(work.tasks, operations) { _ in
                let reply = try await connection.send(deadline: deadline) { command in
                    command.begin(101)
                    command.argument("MGET")
                    for number in 0..<100 { command.argument(keys[number]) }
                }
                precondition(reply.array?.count == 100)
            }
        case .function: return []
        }
    }
}
