import Foundation

extension Operation {
    /// Every command of the tool that asks servers. `demo` is left out: it asks servers that it starts
    /// itself.
    static let tools: [Operation] = [
        tool("ping") { _ in ["--count", "2"] },
        tool("doctor") { $0.isTrue ? ["--key", "fuzz.v1"] : [] },
        tool("get", printsValues: true) {
            ["fuzz.v1", "fuzz.v2", "TextDict.d1", "--limit", "\(1 + $0.below(50))"]
        },
        tool("set") { ["fuzz.v1", $0.text] },
        tool("del") { _ in ["fuzz.v1", "fuzz.v2"] },
        tool("ttl") { $0.isTrue ? ["fuzz.v1"] : ["fuzz.v1", "--set", "5m"] },
        tool("scan", printsValues: true) { $0.isTrue ? ["--limit", "100"] : ["--count-only"] },
        tool("clear") { _ in ["fuzz.*"] },
        tool("explain") { _ in ["fuzz.v1", "fuzz.n1"] },
        tool("where") { _ in ["fuzz.v1"] },
        tool("balance") { _ in ["--keys", "100", "--live"] },
        tool("rebalance") { subject in
            ["--from", subject.stage.spare] + (subject.isTrue ? ["--dry-run"] : [])
        },
    ]

    /// - Parameter printsValues: Whether the command prints stored values as they are if the output is not a
    ///   terminal.
    private static func tool(
        _ name: String, printsValues: Bool = false, _ arguments: @escaping @Sendable (Subject) -> [String]
    ) -> Operation {
        var operation = Operation("cachesctl \(name)", weight: 3) { subject in
            var words = [name] + arguments(subject)
            if subject.isTrue, !["set"].contains(name) { words.append("--json") }
            try await ToolProcess.run(
                words, dsns: subject.stage.dsns, judge: subject.judge, printsValues: printsValues)
        }
        operation.bound = .seconds(25)
        return operation
    }
}
