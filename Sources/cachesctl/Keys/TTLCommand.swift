import ArgumentParser
import Caches
import CachesTerminal
import CachesTransport

/// `cachesctl ttl`.
struct TTLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ttl",
        abstract: "Shows how long keys will still exist, or changes that.",
        discussion: """
            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl ttl user.42 user.43
              cachesctl ttl --set 5m user.42
              cachesctl ttl --json user.42 | jq .milliseconds
            """)

    @OptionGroup var keys: KeyArguments

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Let the keys expire after this time: \(TTLArgument.help).", valueName: "ttl"))
    var newTTL: TTLArgument?

    @Flag(help: "Keep the keys for ever.")
    var forever = false

    @Flag(help: "Print one JSON object for each key, each on its own line.")
    var json = false

    @OptionGroup var options: KeyOptions

    func validate() throws {
        guard newTTL == nil || !forever else {
            throw ValidationError("--set and --forever exclude each other.")
        }
    }

    func run() async throws {
        try await options.run { session in
            let ttl = forever ? .forever : newTTL?.ttl
            var touches: [BatchResult<Bool>] = []
            let times = try await session.forEach(keys.key) { batch, cache in
                if let ttl { touches.append(batch.touch(cache, ttl: ttl)) }
                return batch.timeLeft(cache)
            }
            // Errors of whole nodes have been printed already.
            let refusals = zip(touches, times).compactMap { touch, time -> String? in
                guard time != nil, case .failure(let error) = touch.result else { return nil }
                return "\(error)"
            }
            if json {
                for (key, time) in zip(keys.key, times) {
                    if let time { try session.write(line: JSONText.line(TimeObject(key: key, time: time))) }
                }
            } else {
                var table = Table([
                    .init("key", minimumWidth: 12, truncation: .middle), .init("time left", .right),
                ])
                for (key, time) in zip(keys.key, times) {
                    table.append([
                        .init(key, .strong), time.map { .init("\($0)", $0.tint) } ?? .init("?", .bad),
                    ])
                }
                let console = session.output
                table.lines(console.style, width: console.isTerminal ? console.width : nil)
                    .forEach { console.line($0) }
            }
            for (key, time) in zip(keys.key, times) where time == .missing {
                session.complain(missing: key)
            }
            if times.contains(.missing) { session.hintAtConnection() }
            for refusal in Set(refusals).sorted() { session.complain(refusal) }
            guard refusals.isEmpty, times.allSatisfy({ $0 != nil && $0 != .missing }) else {
                throw Failure.negative
            }
        }
    }
}

extension TimeLeft {
    fileprivate var tint: Tint { self == .missing ? .bad : .plain }
}

/// A key and its time left, as an object. Every key of it is always there.
private struct TimeObject: Encodable {
    var key: String
    var time: TimeLeft

    enum CodingKeys: String, CodingKey { case key, state, milliseconds }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(time.state, forKey: .state)
        try container.encode(time.milliseconds, forKey: .milliseconds)
    }
}

extension TimeLeft {
    /// One word for programs.
    var state: String {
        switch self {
        case .missing: "missing"
        case .forever: "forever"
        case .time: "expires"
        }
    }

    /// The time in milliseconds; nil for a missing key, or one without expiry.
    var milliseconds: Int? {
        if case .time(let time) = self { Int(time.inMilliseconds) } else { nil }
    }
}
