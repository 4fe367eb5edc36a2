import Synchronization

/// Cheap random numbers for jitter, shared by every task without a lock.
///
/// The system's generator is one `getrandom` call a draw, which would double the system calls of a write.
/// This is SplitMix64: a counter that every draw moves on by the golden ratio, then mixes. It is no secret
/// source and need not be one. (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// OOPSLA 2014.)
struct JitterGenerator: RandomNumberGenerator {
    private static let golden: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let counter = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    mutating func next() -> UInt64 {
        // Relaxed: draws need to differ, not to be ordered.
        var mixed = JitterGenerator.counter.wrappingAdd(JitterGenerator.golden, ordering: .relaxed).newValue
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
