/// The most processor time that this library may take, as a multiple of the time of hiredis in C in the same
/// run; over TLS, as a multiple of its own time without TLS.
enum Budgets {
    enum Level { case connection, cache, oneNode }

    static func budget(_ level: Level, _ executor: Executor, _ work: Work) -> Double? {
        let (pool, loop): (Double, Double)
        switch (level, work) {
        case (.connection, .get(1)): (pool, loop) = (1.9, 1.1)
        case (.connection, .get(64)): (pool, loop) = (2.8, 1.3)
        case (.connection, .get(512)): (pool, loop) = (2.8, 1.8)
        case (.connection, .batch): (pool, loop) = (0.75, 0.5)
        case (.connection, .large): (pool, loop) = (1.6, 1.4)
        case (.cache, .get(1)): (pool, loop) = (2.2, 1.3)
        case (.cache, .get(64)): (pool, loop) = (3.5, 2.0)
        case (.cache, .get(512)): (pool, loop) = (3.5, 2.4)
        case (.cache, .large): (pool, loop) = (1.8, 1.8)
        case (.oneNode, .many): (pool, loop) = (0.8, 0.8)
        default: return nil
        }
        return executor == .pool ? pool : loop
    }

    static func overTLS(_ executor: Executor, _ work: Work) -> Double? {
        work == .get(tasks: 64) ? (executor == .pool ? 1.5 : 1.3) : nil
    }
}
