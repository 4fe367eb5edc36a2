internal import CachesTransport
internal import Logging

extension Logger {
    /// The same, with a limit to how often each line is written.
    func limited() -> Logger {
        var limited = self
        limited.handler = LimitedLogHandler(handler)
        return limited
    }
}

/// Where it is decided how many lines a server can have this process write.
///
/// Whatever the library logs tells of a change: of a node's health, of who owns what, of what is wrong. A server that
/// changes all the time would fill a disk. So of each message no more than ``LogBudget`` says is passed on; what is left
/// out is counted, and the next line of that message tells how many were. A pool has one budget, and each cluster in it
/// another: a cluster's servers leave the others' lines their room. Health is told besides by ``CachePool/events``,
/// which leaves nothing out that is taken in time.
struct LimitedLogHandler: LogHandler {
    /// What copies share.
    private final class Account: Sendable {
        let budget = Locked(LogBudget())
    }

    private var handler: any LogHandler
    private let account = Account()

    init(_ handler: any LogHandler) { self.handler = handler }

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { handler.metadataProvider }
        set { handler.metadataProvider = newValue }
    }

    var logLevel: Logger.Level {
        get { handler.logLevel }
        set { handler.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard let left = account.budget.withLock({ $0.admits("\(event.message)", now: .now) }) else { return }
        guard left > 0 else { return handler.log(event: event) }
        var event = event
        event.metadata = (event.metadata ?? [:]).merging(["left-out": "\(left)"]) { $1 }
        handler.log(event: event)
    }
}

/// How often a message may be logged. A value without a clock.
struct LogBudget: Sendable {
    /// So many at once: each node of the largest pool goes down, and each host of it is told of.
    static let burst = 128

    /// After that one in so long: 17 000 a day.
    static let interval = Duration.seconds(5)

    /// The library has fewer messages. What changes is in their metadata.
    private static let mostMessages = 256

    private struct Account {
        /// When all lines that were written would be due, had they come evenly.
        var horizon: ContinuousClock.Instant
        var leftOut = 0
    }

    private var accounts: [String: Account] = [:]

    /// Whether a message may be logged now.
    /// - Returns: How many of it were left out since the last one; nil: it is left out.
    mutating func admits(_ message: String, now: ContinuousClock.Instant) -> Int? {
        if accounts.count >= Self.mostMessages, accounts[message] == nil { accounts = [:] }
        var account = accounts[message] ?? Account(horizon: now)
        account.horizon = max(account.horizon, now)
        defer { accounts[message] = account }
        guard account.horizon - now <= Self.interval * (Self.burst - 1) else {
            account.leftOut += 1
            return nil
        }
        account.horizon += Self.interval
        defer { account.leftOut = 0 }
        return account.leftOut
    }
}
