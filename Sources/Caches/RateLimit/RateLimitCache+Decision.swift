extension RateLimitCache {
    /// What a rate limit says to a request.
    public struct Decision: Hashable, Sendable {
        /// Whether the cost is within the limit. Only then is it consumed.
        public let isAllowed: Bool

        /// How much can still be consumed now.
        public let remaining: Int

        /// When the same cost will be allowed, if nobody else consumes anything until then; nil if it is now.
        public let retryAfter: Duration?

        /// When the whole limit will be there again, if nobody consumes anything until then; zero if it is
        /// now.
        public let resetAfter: Duration
    }
}
