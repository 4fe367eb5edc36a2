extension RateLimitCache {
    /// The answer of a rate limit to a request.
    public struct Decision: Hashable, Sendable {
        /// Whether the cost is within the limit. Only then is it consumed.
        public let isAllowed: Bool

        /// How much can still be consumed now.
        public let remaining: Int

        /// When the same cost will be allowed, if nothing else is consumed until then; nil if it is allowed
        /// now.
        public let retryAfter: Duration?

        /// When the whole limit will be there again, if nothing is consumed until then; zero if it is
        /// now.
        public let resetAfter: Duration
    }
}
