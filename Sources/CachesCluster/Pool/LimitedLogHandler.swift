internal import CachesTransport
internal import Logging

extension Logger {
    /// The same logger, with a limit to how often each line is written.
    func limited() -> Logger {
        var limited = self
        limited.handler = LimitedLogHandler(handler)
        return limited
    }
}

/// Limits how many lines a server can make this process write.
///
/// Every log line of the library reports a change: of a node's health, of an owner, of a fault. A server that
/// changes all the time would fill a disk. So each message is passed on no more often than ``LogBudget``
/// allows; the others are counted, and the next line of that message reports their number. A pool has one
/// budget, and each cluster in it another, so that a cluster's servers leave room for the others' lines.
/// Health is also published by ``CachePool/events``, which omits nothing that is taken in time.
struct LimitedLogHandler: LogHandler {
    /// The state that copies share.
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
    /// The limit at once: each node of the largest pool goes down, and each of its hosts is reported.
    static let burst = 128

    /// After that one per interval: 17 000 a day.
    static let interval = Duration.seconds(5)

    /// The library has fewer messages. Their variable parts are in the metadata.
    private static let mostMessages = 256

    private struct Account {
        /// When all written lines would be due, had they come evenly.
        var horizon: ContinuousClock.Instant
        var leftOut = 0
    }

    private var accounts: [String: Account] = [:]

    /// Decides whether a message may be logged now.
    /// - Returns: How many were left out since the last one; nil if this one is left out, too.
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
