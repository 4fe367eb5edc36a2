#if DEBUG
    internal import Synchronization

    /// Finds out, for tests, whether a secret gets into an error or into a line of a log.
    ///
    /// From ``begin()`` on every ``Secret`` that is made is remembered, wherever it comes from, and every
    /// ``CachesError`` that is made is searched for all of them. Release builds have none of this.
    package enum SecretWatch {
        private struct State: Sendable {
            var secrets: Set<String> = []
            var found: [String] = []
        }

        private static let isOn = Atomic(false)
        private static let state = Locked(State())

        /// Switches it on, for good.
        package static func begin() { isOn.store(true, ordering: .relaxed) }

        /// The texts that held a secret.
        package static var found: [String] { state.withLock { $0.found } }

        /// Remembers a secret. Words of letters alone, and short ones, could be in any text.
        static func note(_ secret: String) {
            guard isOn.load(ordering: .relaxed), secret.utf8.count >= 6, !secret.allSatisfy(\.isLetter) else {
                return
            }
            state.withLock { _ = $0.secrets.insert(secret) }
        }

        /// Searches a text.
        package static func check(_ text: String) {
            guard isOn.load(ordering: .relaxed) else { return }
            state.withLock { state in
                if state.secrets.contains(where: { text.contains($0) }) { state.found.append(text) }
            }
        }
    }
#endif
