import CachesTransport

extension RateLimitCache {
    /// ``RateLimitCache/consume(_:)`` as an operation.
    public final func consuming(_ cost: Int = 1) -> CacheOperation<Decision> {
        operation { try consumeCommand(cost) }
    }

    /// ``RateLimitCache/peek(_:)`` as an operation.
    public final func peeking(_ cost: Int = 1) -> CacheOperation<Decision> {
        operation { try peekCommand(cost) }
    }

    /// - Parameter now: In tests, the time in milliseconds since 1970. nil: the server's.
    final func consumeCommand(_ cost: Int, now: Int64? = nil) throws(CachesError) -> CacheCommand<Decision> {
        try decideCommand(cost, consumes: cost > 0, now)
    }

    /// - Parameter now: As ``consumeCommand(_:now:)``.
    final func peekCommand(_ cost: Int, now: Int64? = nil) throws(CachesError) -> CacheCommand<Decision> {
        try decideCommand(cost, consumes: false, now)
    }

    private final func decideCommand(
        _ cost: Int, consumes: Bool, _ now: Int64?
    ) throws(CachesError) -> CacheCommand<Decision> {
        try check(cost)
        let window: Int64 = try milliseconds(nil)
        var arguments = [Int64(limit), window, Int64(algorithm.steps), Int64(cost), consumes ? 1 : 0]
        if let now { arguments.append(now) }
        return CacheCommand(
            script: Script.consume, arguments.map { .number($0) }, idempotent: !consumes
        ) { [limit] reply, node in
            let parts = Array(try reply.requireArray(of: 4, from: node))
            let isAllowed = try parts[0].requireInteger(from: node) > 0
            let wait = try parts[2].requireNumber(Self.wait, from: node)
            return Decision(
                isAllowed: isAllowed, remaining: try parts[1].requireCount(atMost: limit, from: node),
                retryAfter: isAllowed ? nil : .milliseconds(wait),
                resetAfter: .milliseconds(try parts[3].requireNumber(Self.wait, from: node)))
        }
    }

    /// The longest wait until something is allowed: the longest window plus the part of it that is counted
    /// together.
    private static let wait = PeerNumber("a number of milliseconds", 0...1 << 54)

    private final func check(_ cost: Int) throws(CachesError) {
        // The script counts in doubles, which are exact up to there.
        guard (1...(1 << 53)).contains(limit) else {
            throw CachesError(
                .invalidArgument, "The rate limit \(key) has a limit of \(limit).",
                advice: "Give one from 1 to 2⁵³ to the class or to the object.")
        }
        guard (0...limit).contains(cost) else {
            throw CachesError(
                .invalidArgument, "The rate limit \(key) of \(limit) can never allow a cost of \(cost).",
                advice: "Give a cost from 0 to the limit.")
        }
    }
}
