internal import CachesTransport

/// The connection to one Sentinel: opened when it is asked, and kept, so that the Sentinel can publish
/// changes.
final class SentinelLink: Sendable {
    private struct Line: Sendable {
        var connection: Connection?
        var number = 0
        var isClosed = false
        /// How many messages have come since the last question.
        var messages = 0
    }

    let endpoint: Endpoint

    private let configuration: ConnectionConfiguration
    private let service: String
    private let map: AddressMap?
    private let loop: EventLoop
    private let resolver: Resolver
    private let line = Locked(Line())

    private let handshakes: HandshakeBudget

    /// Called on the loop: `switched` for a new primary, `lost` for the end of a connection that had been
    /// open.
    private let switched: @Sendable (Endpoint) -> Void
    private let lost: @Sendable () -> Void

    init(
        _ configuration: ConnectionConfiguration, service: String, map: AddressMap?,
        _ handshakes: HandshakeBudget, on loop: EventLoop, resolver: Resolver,
        switched: @escaping @Sendable (Endpoint) -> Void, lost: @escaping @Sendable () -> Void
    ) {
        endpoint = configuration.endpoint
        self.configuration = configuration
        self.service = service
        self.map = map
        self.loop = loop
        self.resolver = resolver
        self.handshakes = handshakes
        self.switched = switched
        self.lost = lost
    }

    deinit { line.withLock { $0.connection }?.abort() }

    /// Asks, and passes on the result, once, on the loop.
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

    func close() {
        line.withLock { line -> Connection? in
            line.isClosed = true
            return line.connection
        }?.abort()
    }

    private func replies(_ deadline: Deadline) async throws -> [Reply] {
        do {
            return try await question(deadline)
        } catch let error as CachesError where error.code == .connectionLost && !deadline.hasPassed {
            // The connection was lost while idle: the Sentinel may be back.
            return try await question(deadline)
        }
    }

    private func question(_ deadline: Deadline) async throws -> [Reply] {
        try await connection().pipeline(SentinelQuestion.count, deadline: deadline) {
            SentinelQuestion.write(service, to: &$0)
        }
    }

    private func connection() throws(CachesError) -> Connection {
        let (connection, choked): (Connection?, Connection?) = line.withLock { line in
            guard !line.isClosed else { return (nil, nil) }
            line.messages = 0
            var choked: Connection?
            if let connection = line.connection {
                guard connection.load.commands > Self.mostQuestions * SentinelQuestion.count else {
                    return (connection, nil)
                }
                choked = connection
            }
            line.number += 1
            line.connection = open(line.number)
            return (line.connection, choked)
        }
        choked?.abort()
        guard let connection else { throw CachesError.poolClosed }
        return connection
    }

    /// After this many questions without an answer another connection is tried: over this one too little
    /// comes to be of use, or it would have been given up by itself.
    private static let mostQuestions = 3

    /// A Sentinel publishes a message for each failover of each primary that it watches. A Sentinel that
    /// publishes more than this between two questions is disconnected until the next question.
    private static let mostMessages = 1000

    /// Counts a message.
    /// - Returns: Whether to handle it.
    private func takeMessage() -> Bool {
        let (isHeard, flooded): (Bool, Connection?) = line.withLock { line in
            line.messages += 1
            guard line.messages > Self.mostMessages else { return (true, nil) }
            defer { line.connection = nil }
            // Its end is not reported, since that would cause an earlier question.
            line.number += 1
            return (false, line.connection)
        }
        flooded?.abort()
        return isHeard
    }

    /// Called under the lock; the connection's events come later, on the loop.
    private func open(_ number: Int) -> Connection {
        let wasOpen = Locked(false)
        return Connection(
            configuration, on: loop, resolver: resolver, handshakes: handshakes,
            messages: { [weak self, service, map] message in
                guard self?.takeMessage() == true,
                    let primary = SentinelQuestion.newPrimary(of: service, in: message)
                else { return }
                self?.switched(map.reached(primary))
            },
            observer: { [weak self] event in
                switch event {
                case .opened: wasOpen.withLock { $0 = true }
                case .closed: self?.ended(number, wasOpen: wasOpen.withLock { $0 })
                }
            })
    }

    private func ended(_ number: Int, wasOpen: Bool) {
        let isNews = line.withLock { line in
            guard line.number == number else { return false }
            line.connection = nil
            return wasOpen && !line.isClosed
        }
        if isNews { lost() }
    }
}
