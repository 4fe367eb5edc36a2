import Caches
import CachesTesting

/// The pool that an operation works on, and arguments that follow from its seed.
final class Subject {
    let pool: CachePool
    /// The servers of the round, for operations that make their own pool.
    let stage: Stage
    let judge: Judge
    private var generator: SplitMix64

    init(stage: Stage, judge: Judge, seed: UInt64) {
        self.stage = stage
        pool = stage.pool
        self.judge = judge
        generator = SplitMix64(seed: seed)
    }

    // MARK: Arguments

    func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// The number of a key. There are few keys, so that most have a value.
    private var key: Int { below(3) }

    /// A number, mostly a small one.
    var number: Int { chance(90) ? below(20) - 5 : [Int.max, Int.min, 0, 1 << 32][below(4)] }

    var count: Int { [0, 1, 2, 10, 1000][below(5)] }
    var score: Double { [0, -1, 1.5, 1e300, .infinity, -.infinity][below(6)] }
    var text: String { ["a", "b", "c", "", "\u{E9}", String(repeating: "x", count: below(2000))][below(6)] }
    var texts: [String] { (0..<below(5)).map { _ in text } }
    var ttl: TTL? { chance(50) ? nil : [.seconds(60), .milliseconds(1500), .days(400), .forever][below(4)] }
    var end: SortedSetEnd { chance(50) ? .lowest : .highest }
    var isTrue: Bool { chance(50) }

    // MARK: Caches

    var entry: CacheEntry {
        switch below(5) {
        case 0: value
        case 1: dictionary
        case 2: set
        case 3: sortedSet
        default: counter
        }
    }

    var value: ValueCache { ValueCache("v\(key)", on: pool) }
    var counter: NumberCache { NumberCache("n\(key)", on: pool) }
    var record: RecordCache { RecordCache("r\(key)", on: pool) }
    var dictionary: TextDict { TextDict("d\(key)", on: pool) }
    var numbers: NumberDict { NumberDict("e\(key)", on: pool) }
    var measures: MeasureDict { MeasureDict("f\(key)", on: pool) }
    var set: TextSet { TextSet("s\(key)", on: pool) }
    var sortedSet: TextSortedSet { TextSortedSet("z\(key)", on: pool) }
    var lock: GateLock { GateLock("l\(key)", on: pool) }
    var claim: GateClaim { GateClaim("c\(key)", on: pool) }
    var limit: GateLimit {
        GateLimit(
            "q\(key)", limit: 1 + below(10), algorithm: isTrue ? .slidingWindow : .fixedWindow, on: pool)
    }
}

class FuzzedCache<Value: Codable & Sendable>: Cache<Value>, @unchecked Sendable {
    override class var prefix: String { "fuzz" }
}

/// A class for each kind of value that is stored differently.
typealias ValueCache = FuzzedCache<String>
typealias NumberCache = FuzzedCache<Int>
typealias RecordCache = FuzzedCache<[String: [Double?]]>
typealias TextDict = DictCache<String, String>
typealias NumberDict = DictCache<Int, Int>
typealias MeasureDict = DictCache<String, Double>
typealias TextSet = SetCache<String>
typealias TextSortedSet = SortedSetCache<String>

final class GateLock: LockCache, @unchecked Sendable {
    override class var ttl: TTL { .seconds(1) }
}
final class GateClaim: SentinelCache, @unchecked Sendable {
    override class var ttl: TTL { .seconds(1) }
}
final class GateLimit: RateLimitCache, @unchecked Sendable {
    override class var window: TTL { .seconds(1) }
}
