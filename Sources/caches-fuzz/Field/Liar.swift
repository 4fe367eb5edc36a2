import CachesTesting
import Foundation
import Synchronization

/// Chooses the answers of a round's hostile servers. The lies to a call follow from the round, the call and
/// its commands alone: signs of life and new connections do not change them.
final class Liar: Sendable {
    private struct Chapter {
        var call = 0
        var counts: [String: Int] = [:]
    }

    /// A command and its answer.
    private struct Exchange {
        let call: Int
        let server: Int
        let command: HostileServer.Command
        let lie: String
        let answer: HostileServer.Answer

        /// The exchange as one line.
        var text: String {
            let words = command.words.map { String(decoding: $0.prefix(60), as: UTF8.self).escaped }
            return "call \(call), server \(server): \(words.joined(separator: " ").prefix(300)) → \(lie): "
                + answer.summary(truth: command.truth)
        }
    }

    private let plan: RoundPlan
    private let chapter = Mutex(Chapter())
    private let recent = Mutex<[Exchange]>([])
    private let trace: FileHandle?

    private static let mostRecent = 24

    init(_ plan: RoundPlan, trace: FileHandle?) {
        self.plan = plan
        self.trace = trace
    }

    /// Notes that the calls with this number begin.
    func begin(_ call: Int) { chapter.withLock { $0 = Chapter(call: call) } }

    /// The latest commands and their answers, one on each line.
    var exchanges: [String] { recent.withLock { $0 }.map(\.text) }

    func answer(_ command: HostileServer.Command, by server: Int) -> HostileServer.Answer {
        let (call, index) = chapter.withLock { chapter in
            let name = "\(server) \(command.name)"
            chapter.counts[name, default: 0] += 1
            return (chapter.call, chapter.counts[name, default: 0])
        }
        let (lie, answer) = decide(command, by: server, call: call, index: index)
        let exchange = Exchange(call: call, server: server, command: command, lie: lie, answer: answer)
        // Honest answers to signs of life and greetings only hide the others.
        let isNoise = lie == "truth" && command.isOpening
        if let trace { try? trace.write(contentsOf: Data((exchange.text + "\n").utf8)) }
        guard !isNoise else { return answer }
        recent.withLock { recent in
            if recent.count == Self.mostRecent { recent.removeFirst() }
            recent.append(exchange)
        }
        return answer
    }

    private func decide(
        _ command: HostileServer.Command, by server: Int, call: Int, index: Int
    ) -> (lie: String, HostileServer.Answer) {
        if server == 1, plan.outage.contains(call) { return ("outage", .close) }
        guard !command.isOpening || plan.liesToOpenings, !plan.lies.isEmpty else { return ("truth", .truth) }
        var seed = RoundPlan.mixed(plan.seed, UInt64(plan.number))
        for part in [UInt64(call), UInt64(server), UInt64(index)] { seed = RoundPlan.mixed(seed, part) }
        for byte in command.name.utf8 { seed = RoundPlan.mixed(seed, UInt64(byte)) }
        var generator = SplitMix64(seed: seed)
        let share = command.isOpening ? min(plan.share, 20) : plan.share
        guard Int.random(in: 0..<100, using: &generator) < share,
            let lie = plan.lies.randomElement(using: &generator)
        else { return ("truth", .truth) }
        return (lie.rawValue, lie.answer(to: command, using: &generator))
    }
}

extension HostileServer.Answer {
    /// The bytes that are sent, as one line.
    fileprivate func summary(truth: [UInt8]) -> String {
        var text = String(decoding: (bytes ?? truth).prefix(300), as: UTF8.self).escaped
        if refrains > 0 {
            let verse = String(decoding: refrain.prefix(20), as: UTF8.self).escaped
            text += " + \(refrains == .max ? "endless" : "\(refrains)") × \(verse)"
        }
        if let limit { text += ", \(limit) bytes of it" }
        if let bytesPerSecond { text += ", \(bytesPerSecond) bytes a second" }
        if ending != .more { text += ", then \(ending)" }
        return text
    }
}
