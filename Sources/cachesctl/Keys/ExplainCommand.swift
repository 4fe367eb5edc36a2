import ArgumentParser
import Caches
import CachesTerminal
import CachesTransport

/// `cachesctl explain`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says where keys live, what they hold, how long, and how large they are.",
        discussion: """
            The first node owns the key. If it is out, the key goes to the others, in this order. Asking does not \
            count as a use of the key. Facts that the user may not ask for (MEMORY and OBJECT are often \
            forbidden) are left out.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl explain user.42
              cachesctl explain --json user.42 | jq -r .node
            """)

    @OptionGroup var keys: KeyArguments

    @Flag(help: "Print one JSON object for each key, each on its own line.")
    var json = false

    @OptionGroup var options: KeyOptions

    func run() async throws {
        try await options.run { session in
            var (isComplete, isMissing) = (true, false)
            for (index, key) in keys.key.enumerated() {
                do {
                    let explanation = try await session.pool.explain(key, connection: session.connection)
                    if json {
                        try session.write(line: JSONText.line(ExplanationObject(explanation: explanation)))
                    } else {
                        if index > 0 { session.output.line() }
                        explanation.lines(session.output).forEach { session.output.line($0) }
                    }
                    if explanation.isMissing { isMissing = true }
                } catch let error as CachesError {
                    session.complain(error.text)
                    isComplete = false
                }
            }
            if isMissing { session.hintAtConnection() }
            guard isComplete, !isMissing else { throw Failure.negative }
        }
    }
}

extension KeyExplanation {
    /// The key, and below it a line for each fact. Long lines are wrapped.
    fileprivate func lines(_ console: Console) -> [String] {
        let style = console.style
        let margin = 14
        return [style(key.printable, .strong)]
            + facts.flatMap { label, text in
                text.printable.wrapped(to: console.width - margin).enumerated().map { index, line in
                    let label = "  " + (index == 0 ? label : "")
                    return style(label.padded(to: margin), .quiet) + line
                }
            }
    }
}

/// An explanation as an object. Every key of it is always there.
private struct ExplanationObject: Encodable {
    var explanation: KeyExplanation

    enum CodingKeys: String, CodingKey {
        case key, node, failover
        case hashTag = "hash_tag"
        case type, encoding, state, milliseconds, bytes
        case idleSeconds = "idle_seconds"
        case frequency
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(explanation.key, forKey: .key)
        try container.encode(explanation.node, forKey: .node)
        try container.encode(Array(explanation.order.dropFirst()), forKey: .failover)
        try container.encode(explanation.hashTag, forKey: .hashTag)
        try container.encode(explanation.type, forKey: .type)
        try container.encode(explanation.encoding, forKey: .encoding)
        try container.encode(explanation.timeLeft?.state, forKey: .state)
        try container.encode(explanation.timeLeft?.milliseconds, forKey: .milliseconds)
        try container.encode(explanation.bytes, forKey: .bytes)
        try container.encode(explanation.idle.map { $0.components.seconds }, forKey: .idleSeconds)
        try container.encode(explanation.frequency, forKey: .frequency)
    }
}
