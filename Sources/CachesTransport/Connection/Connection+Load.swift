extension Connection {
    /// The commands that wait unsent or unanswered, and their bytes; `max-in-flight` and
    /// `max-in-flight-bytes` limit them.
    package var load: (commands: Int, bytes: Int) {
        shared.withLock { ($0.machine.commandsInFlight, $0.machine.bytesInFlight) }
    }
}
