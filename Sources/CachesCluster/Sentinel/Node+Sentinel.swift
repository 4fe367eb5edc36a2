package import CachesTransport

// How a primary's node follows its Sentinels.
extension Node {
    /// Leaves the former primary: another server is the primary now.
    func primaryChanged(to endpoint: Endpoint) {
        leavePrimary("Another server is the primary now.") { connection in
            // A connection that has not resolved its address yet learns of the new primary by itself.
            connection.isLocated && connection.destination.endpoint != endpoint
        }
        askAgain()
    }

    /// Asks the server in use for its role: a demoted server may go on to answer reads.
    func checkRole() {
        let connection = look { shared in shared.session == nil ? nil : shared.machine.current?.connection }
        guard let connection else { return }
        Task(executorPreference: loop) { [weak self, deadline = deadline()] in
            let replies = try? await connection.pipeline(1, deadline: deadline) { Role.write(to: &$0) }
            guard let self, let reply = replies?.first, Role(reply) == .replica else { return }
            _ = deployment?.leave(connection, of: self)
        }
    }

    /// Stops using the present connection, if `condition` holds: it leads to a server that is not a primary.
    func leavePrimary(_ why: String, if condition: (Connection) -> Bool) {
        leave(why, advice: "The next call uses the new primary.", within: Self.grace, if: condition)
    }

    /// How long calls under way may still get their replies from a server that is left. Then idempotent calls
    /// are repeated at the new one.
    private static let grace = Duration.milliseconds(100)
}

// The state of the Sentinels, for inspection.
extension Node {
    private var watch: SentinelWatch? { (deployment as? SentinelDeployment)?.watch }

    /// The server that the Sentinels name as the primary; nil without Sentinels, or if not known yet.
    package var knownPrimary: Endpoint? { watch?.primary }

    /// The last answer of each Sentinel, in a few words; empty without Sentinels.
    package var sentinelAnswers: [(sentinel: Endpoint, answer: String)] {
        (watch?.words ?? []).map { sentinel, word in
            (sentinel, word.map(SentinelFailure.text) ?? "it has not answered yet")
        }
    }

    /// Waits until each Sentinel has answered or failed; for all else a majority is enough.
    package func waitForSentinels(before deadline: Deadline) async throws {
        guard let watch else { return }
        _ = try await watch.changes.first(before: deadline, on: loop) {
            watch.words.contains { $0.word == nil } ? nil : ()
        }
    }
}
