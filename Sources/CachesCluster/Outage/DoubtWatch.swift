internal import CachesTransport
internal import Logging

/// Repeats the looks that a node's return missed, while the node is used and some of its keys are in doubt.
///
/// Silent nodes are asked at the intervals of the back-off; the keys they noted are removed at the node even
/// when the doubt is over. It ends when all have been read, the node goes out, or the pool is gone: it
/// retains none of them.
struct DoubtWatch: Sendable {
    private weak let node: Node?
    private let identity: String
    private let roster: NodeRoster
    private let rules: ReturnRules
    private weak let outageLog: OutageLog?

    init(_ node: Node, roster: NodeRoster, outageLog: OutageLog, rules: ReturnRules) {
        self.node = node
        self.rules = rules
        identity = node.identity
        self.roster = roster
        self.outageLog = outageLog
    }

    /// Does nothing if all notes have been read.
    func begin() {
        guard let node, let outageLog, outageLog.unread(for: node) != nil else { return }
        outageLog.keep(Task { await run() }, for: node)
    }

    private func run() async {
        var rounds = 0
        while !Task.isCancelled {
            guard let wait = wait(rounds), (try? await Task.sleep(for: wait)) != nil else { return }
            rounds += 1
            guard await round() else { return }
        }
    }

    private func wait(_ rounds: Int) -> Duration? {
        node?.healthConfiguration.backoff.delay(after: rounds + 1, jitter: .random(in: 0...1))
    }

    /// - Returns: Whether there is more to do.
    private func round() async -> Bool {
        guard let node, let outageLog, var doubt = outageLog.unread(for: node) else { return false }
        let missing = roster.others(than: node).filter {
            doubt.unread[$0.identity] == .silent || doubt.unread[$0.identity] == .unfinished
        }
        let inquiries = Inquiries(for: node, at: missing, outageLog: outageLog, withScopes: true)
        await withDiscardingTaskGroup { group in
            for other in missing { group.addTask { _ = await inquiries.ask(other) } }
        }
        let (unread, marks) = (inquiries.outcome.unread, inquiries.outcome.marks)
        for other in missing where unread[other.identity] == nil {
            let lost = marks[other.identity] != nil && rules.mayHaveLost(other, for: node, by: outageLog)
            outageLog.read(other, for: node, mark: marks[other.identity], hasLost: lost)
        }
        doubt = outageLog.unread(for: node) ?? doubt
        if node.isInDoubt, !roster.canDoubt(node, unread: doubt.counted(now: .now)) {
            outageLog.endDoubt(of: node)
            node.logger.debug("no key of the node is in doubt any more", metadata: ["node": "\(node.name)"])
        }
        return node.isInDoubt || outageLog.unread(for: node) != nil
    }
}
