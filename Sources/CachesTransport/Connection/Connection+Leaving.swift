extension Connection {
    /// Takes no more commands, since the server is not the one to ask any more. Those that wait for a reply
    /// get it if it comes within `time`; then they end with `error`. Commands not yet sent end with it at
    /// once.
    package func leave(_ error: CachesError, within time: Duration) {
        let error = error.of(.closedByOwner)
        let isUseless = shared.withLock { shared in
            shared.drainDeadline = .after(time)
            shared.drainFailure = error
            return shared.machine.phase == .opening || shared.machine.drain()
        }
        if isUseless { fail(error) }
        loop.noteWaiting()
    }
}

extension Connection {
    /// Hands messages of channels (`SUBSCRIBE`) to `body`, and takes them out of the replies: nobody asked
    /// for them. On the loop's thread.
    func deliver(_ body: @Sendable (ReplyArray) -> Void) {
        let replies = unsafe inbound.pointee.replies
        guard replies.contains(where: { $0.isMessage }) else { return }
        unsafe inbound.pointee.replies = replies.filter { !$0.isMessage }
        for case .array(let message) in replies where Reply.array(message).isMessage { body(message) }
    }
}

extension Reply {
    /// Whether it is a published message (https://redis.io/docs/latest/develop/pubsub/).
    fileprivate var isMessage: Bool {
        guard let array, array.count == 3, let kind = array.first?.bytes else { return false }
        return kind.elementsEqual("message".utf8)
    }
}
