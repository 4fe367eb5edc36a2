internal import CachesTransport

/// An observer of each call on a pool's nodes: the hook for metrics and traces.
///
/// Without an observer, a call pays for a load and a branch: see ``NodeConnection``.
package protocol CallObserver: Sendable {
    /// A call has ended. Called by the task that made it, before it continues: it must neither block nor
    /// wait.
    func ended(_ call: ObservedCall)
}

/// A call on a node, including its repetitions and redirections.
package struct ObservedCall: Sendable {
    /// The node that was asked first.
    package let node: NodeName

    /// The names of the commands, in order.
    package let commands: [String]

    package let start: ContinuousClock.Instant
    package let end: ContinuousClock.Instant

    /// Why the call failed; nil if it was answered. An error that a server answers to a single command is a
    /// failure; to one of several commands it is a reply.
    package let failure: (any Error)?
}

extension Node {
    /// Reports a call to the observer.
    func observed<Result>(
        _ write: (inout CommandWriter) -> Void, _ body: () async throws -> Result
    ) async throws -> Result {
        guard let observer = hooks.observer else { return try await body() }
        let start = ContinuousClock.now
        func tell(_ failure: (any Error)?) {
            let names = (try? RecordedCommands(write)).map { commands in
                (0..<commands.count).map { commands.name(at: $0) }
            }
            observer.ended(
                ObservedCall(
                    node: label, commands: names ?? [], start: start, end: .now, failure: failure))
        }
        do {
            let result = try await body()
            tell(nil)
            return result
        } catch {
            tell(error)
            throw error
        }
    }
}
