internal import CachesTransport

/// A connection over which a server tells news: messages of the channels that it subscribed to.
///
/// Calls go over another connection. This one is opened when its user asks for it, and is kept. It is not
/// opened again by itself: its user is told of the end, and decides.
///
/// A server that publishes without end costs its user nothing: the connection is left, and opened the next
/// time that the user asks for it.
final class ListeningConnection: Sendable {
    /// Begins to open a connection that hands its messages and events to what it is given.
    typealias Opener =
        @Sendable (
            _ messages: @escaping @Sendable (ReplyArray) -> Void,
            _ observer: @escaping @Sendable (ConnectionEvent) -> Void
        ) throws(CachesError) -> Connection

    private struct State: Sendable {
        var connection: Connection?
        /// The number of the latest connection.
        var number = 0
        var isClosed = false
        /// How many messages have come since the user last asked for the connection.
        var messages = 0
    }

    private let state = Locked(State())
    private let mostMessages: Int
    private let opener: Opener
    private let heard: @Sendable (ReplyArray) -> Void
    private let lost: @Sendable () -> Void

    /// - Parameters:
    ///   - mostMessages: How many messages are heard between two requests for the connection.
    ///   - opener: Opens a connection.
    ///   - heard: Gets each message, on the loop's thread.
    ///   - lost: Told, on the loop's thread, of the end of a connection that had been open.
    init(
        mostMessages: Int, opener: @escaping Opener, heard: @escaping @Sendable (ReplyArray) -> Void,
        lost: @escaping @Sendable () -> Void
    ) {
        self.mostMessages = mostMessages
        self.opener = opener
        self.heard = heard
        self.lost = lost
    }

    deinit { state.withLock { $0.connection }?.abort() }

    /// The connection. It is opened if there is none.
    ///
    /// - Parameter isUseless: Whether the present connection is to be replaced.
    /// - Throws: ``CachesError``, if this was closed, or what the opener throws.
    func connection(
        unless isUseless: (Connection) -> Bool = { _ in false }
    ) throws(CachesError) -> Connection {
        let (result, useless): (Result<Connection, CachesError>, Connection?) = state.withLock { state in
            guard !state.isClosed else { return (.failure(.poolClosed), nil) }
            state.messages = 0
            let present = state.connection
            if let present, !isUseless(present) { return (.success(present), nil) }
            state.number += 1
            state.connection = nil
            let number = state.number
            return (
                Result { () throws(CachesError) in
                    let connection = try open(number)
                    state.connection = connection
                    return connection
                }, present
            )
        }
        useless?.abort()
        return try result.get()
    }

    /// Ends the connection. There is no other from then on, and its end is no news.
    func close() {
        state.withLock { state -> Connection? in
            state.isClosed = true
            return state.connection
        }?.abort()
    }

    /// Called under the lock: the connection tells its events later, on the loop.
    private func open(_ number: Int) throws(CachesError) -> Connection {
        let wasOpen = Locked(false)
        return try opener(
            { [weak self] message in
                if let self, take() { heard(message) }
            },
            { [weak self] event in
                switch event {
                case .opened: wasOpen.withLock { $0 = true }
                case .closed: self?.ended(number, wasOpen: wasOpen.withLock { $0 })
                }
            })
    }

    /// A message has come.
    /// - Returns: Whether it is heard.
    private func take() -> Bool {
        let (isHeard, flooded): (Bool, Connection?) = state.withLock { state in
            state.messages += 1
            guard state.messages > mostMessages else { return (true, nil) }
            defer { state.connection = nil }
            // Its end is no news: the user would ask for another at once.
            state.number += 1
            return (false, state.connection)
        }
        flooded?.abort()
        return isHeard
    }

    private func ended(_ number: Int, wasOpen: Bool) {
        let isNews = state.withLock { state in
            guard state.number == number else { return false }
            state.connection = nil
            return wasOpen && !state.isClosed
        }
        if isNews { lost() }
    }
}

extension Node {
    /// A second connection to the node's server, for messages: with the same address, credentials and TLS,
    /// and from the same budget of handshakes. It does not keep the node.
    ///
    /// It says nothing about the node's health. In a deployment it leads to the server that the next
    /// connection of calls would lead to.
    ///
    /// - Parameters:
    ///   - mostMessages: How many messages are heard between two requests for the connection.
    ///   - heard: Gets each message, on the loop's thread.
    ///   - lost: Told, on the loop's thread, of the end of a connection that had been open.
    func listeningConnection(
        mostMessages: Int, heard: @escaping @Sendable (ReplyArray) -> Void,
        lost: @escaping @Sendable () -> Void
    ) -> ListeningConnection {
        ListeningConnection(
            mostMessages: mostMessages,
            opener: { [weak self] (messages, observer) throws(CachesError) in
                guard let self else { throw CachesError.poolClosed }
                return connect(messages: messages, observer)
            }, heard: heard, lost: lost)
    }
}
