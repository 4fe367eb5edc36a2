import CachesPlatform
import Dispatch
import Synchronization

/// A signal asked the program to end.
struct Interruption: Error {
    /// The signal's number.
    let number: CInt

    /// The signals: Ctrl-C, `kill`, and a terminal that was closed.
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Runs `work`, cancels it at the first such signal, and throws the signal when the work has ended.
    /// A second signal ends the program at once. A reader that goes away (SIGPIPE) interrupts nothing.
    static func cancelling<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await work() }
        let received = Mutex<CInt?>(nil)
        signal(SIGPIPE, SIG_IGN)
        let sources = signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isFirst = received.withLock { received in
                    defer { received = received ?? number }
                    return received == nil
                }
                guard isFirst else { exit(128 + number) }
                task.cancel()
            }
            source.resume()
            return source
        }
        defer {
            sources.forEach { $0.cancel() }
            signals.forEach { signal($0, SIG_DFL) }
        }
        let result = await task.result
        if let number = received.withLock({ $0 }) { throw Interruption(number: number) }
        return try result.get()
    }
}
