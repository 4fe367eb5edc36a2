internal import CachesTransport

/// The connection to one Sentinel: opened when it is asked, and kept, so that the Sentinel can publish
/// changes.
final class SentinelLink: Sendable {
    let endpoint: Endpoint

    private let service: String
    private let map: AddressMap?
    private let loop: EventLoop
    private let listening: ListeningConnection

    /// - Parameters:
    ///   - switched: Told, on the loop, of another primary.
    ///   - lost: Told, on the loop, of the end of a connection that had been open.
    init(
        _ configuration: ConnectionConfiguration, service: String, map: AddressMap?,
        _ handshakes: HandshakeBudget, on loop: EventLoop, resolver: Resolver,
        switched: @escaping @Sendable (Endpoint) -> Void, lost: @escaping @Sendable () -> Void
    ) {
        endpoint = configuration.endpoint
        self.service = service
        self.map = map
        self.loop = loop
        listening = ListeningConnection(
            mostMessages: Self.mostMessages,
            opener: { messages, observer in
                Connection(
                    configuration, on: loop, resolver: resolver, handshakes: handshakes, messages: messages,
                    observer: observer)
            },
            heard: { message in
                guard let primary = SentinelQuestion.newPrimary(of: service, in: message) else { return }
                switched(map.reached(primary))
            }, lost: lost)
    }

    /// Asks, and gives what came of it, once, on the loop.
    func ask(
        within time: Duration, _ body: @escaping @Sendable (SentinelReply, _ flaws: [String]) -> Void
    ) {
        // On the loop: a busy pool of compute threads must not make the Sentinels look dead.
        Task(executorPreference: loop) { [self] in
            let deadline = Deadline.after(time)
            var (word, flaws) = (SentinelReply.silence, [String]())
            do {
                let (answer, missing) = try SentinelQuestion.read(try await replies(deadline))
                (word, flaws) = (.answer(answer.reached(by: map)), missing)
            } catch let error as CachesError {
                word = error.code == .timeout && deadline.hasPassed ? .silence : .failure(error)
            } catch {}
            loop.execute { [word, flaws] in body(word, flaws) }
        }
    }

    /// Ends the connection.
    func close() { listening.close() }

    private func replies(_ deadline: Deadline) async throws -> [Reply] {
        do {
            return try await question(deadline)
        } catch let error as CachesError where error.code == .connectionLost && !deadline.hasPassed {
            // The connection was lost while idle: the Sentinel may be back.
            return try await question(deadline)
        }
    }

    private func question(_ deadline: Deadline) async throws -> [Reply] {
        let connection = try listening.connection {
            $0.load.commands > Self.mostQuestions * SentinelQuestion.count
        }
        return try await connection.pipeline(SentinelQuestion.count, deadline: deadline) {
            SentinelQuestion.write(service, to: &$0)
        }
    }

    /// After so many questions without an answer another connection is tried: over this one, what comes is
    /// too little to be of use, or it would have been given up by itself.
    private static let mostQuestions = 3

    /// A Sentinel publishes a message for each failover of each primary that it watches. One that publishes
    /// more than this between two questions is left until the next one.
    private static let mostMessages = 1000
}
