package import CachesTransport

// What the node of a primary does about what its Sentinels say.
extension Node {
    /// Another server is the primary now.
    func primaryChanged(to endpoint: Endpoint) {
        leavePrimary("Another server is the primary now.") { connection in
            // One that does not know yet where to lead is told of the new one.
            connection.isLocated && connection.destination.endpoint != endpoint
        }
        askAgain()
    }

    /// Asks the server in use for its role: one that was demoted may go on to answer reads.
    func checkRole() {
        let connection = look { shared in shared.session == nil ? nil : shared.machine.current?.connection }
        guard let connection else { return }
        Task(executorPreference: loop) { [weak self, deadline = deadline()] in
            let replies = try? await connection.pipeline(1, deadline: deadline) { Role.write(to: &$0) }
            guard let self, let reply = replies?.first, Role(reply) == .replica else { return }
            _ = deployment?.leave(connection, of: self)
        }
    }

    /// Uses the present connection no more, if `condition` holds: it leads to a server that is no primary.
    func leavePrimary(_ why: String, if condition: (Connection) -> Bool) {
        leave(why, advice: "The next call uses the new primary.", within: Self.grace, if: condition)
    }

    /// How long calls under way may still get their replies from a server that is left. Then those that may
    /// be made twice are made at the other.
    private static let grace = Duration.milliseconds(100)
}

// What is known of them, for those who look.
extension Node {
    private var watch: SentinelWatch? { (deployment as? SentinelDeployment)?.watch }

    /// The server that the Sentinels name as the primary, nil where there are none or it is not known yet.
    package var knownPrimary: Endpoint? { watch?.primary }

    /// What each Sentinel said last, in a few words; empty where there are none.
    package var sentinelAnswers: [(sentinel: Endpoint, answer: String)] {
        (watch?.words ?? []).map { sentinel, word in
            (sentinel, word.map(SentinelFailure.text) ?? "it has not answered yet")
        }
    }

    /// Waits until each Sentinel has said something: a majority is enough for all else.
    package func waitForSentinels(before deadline: Deadline) async throws {
        guard let watch else { return }
        _ = try await watch.changes.first(before: deadline, on: loop) {
            watch.words.contains { $0.word == nil } ? nil : ()
        }
    }
}
