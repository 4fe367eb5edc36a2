extension RateLimitCache {
    /// The kind of window that a rate limit is about.
    public struct Algorithm: Hashable, Sendable {
        private let name: String

        /// In how many steps the window moves; 0: it doesn't.
        let steps: Int

        /// The limit holds for every window of time, whenever it begins. The default.
        ///
        /// The window moves in 20 steps: consumption is given back after one window, and at most one
        /// step, a twentieth of it, more. The server keeps at most 21 numbers a key.
        public static let slidingWindow = Algorithm(name: "sliding window", steps: 20)

        /// The limit holds for windows that follow one another, each begun by the first consumption after the
        /// last had ended; at its end all is given back at once.
        ///
        /// Round the end of a window, up to twice the limit may be consumed within one window's time. The
        /// server keeps one number a key.
        public static let fixedWindow = Algorithm(name: "fixed window", steps: 0)
    }
}

extension RateLimitCache.Algorithm: CustomStringConvertible {
    /// The algorithm's name.
    public var description: String { name }
}
