import Caches
import CachesCluster
import CachesTransport

/// The library's commands that a user may not run, found out without running one.
struct Permissions: Equatable, Sendable {
    /// How the permissions were found out.
    enum Method: String, Sendable, Encodable {
        /// `ACL DRYRUN` (Redis 7), which few users but administrators may run.
        case dryRun = "ACL DRYRUN"
        /// A transaction that holds all of the commands and a malformed one: the server says of each whether
        /// it may be queued, and then refuses to carry out any.
        case transaction = "MULTI"
    }

    /// nil if the permissions could not be found out.
    var method: Method?

    /// Commands that the user may not run at all.
    var commands: [UsedCommand] = []

    /// The keys asked for that the user may not use.
    var keys: [String] = []

    init() {}

    /// Stands for any key if none was asked for.
    private static let anyKey = "caches:doctor"

    init(of user: String, on node: Node, keys: [String]) async {
        let isWatched = if case .sentinel = node.configuration.deployment { true } else { false }
        let asked = (keys.isEmpty ? [Self.anyKey] : keys).flatMap { key in
            UsedCommand.all.filter {
                ($0.purpose != .clusters || node.hasSlots) && ($0.purpose != .sentinels || isWatched)
            }
            .map { (command: $0, key: key) }
        }
        guard
            let (method, answers) = await Self.answers(
                of: user, on: node, asked.map { $0.command.words(on: $0.key) })
        else { return }
        self.method = method
        for (answer, (command, key)) in zip(answers, asked) {
            switch answer {
            case .allowed: break
            case .keyDenied: if key != Self.anyKey, !self.keys.contains(key) { self.keys.append(key) }
            case .commandDenied: if !commands.contains(command) { commands.append(command) }
            }
        }
    }

    /// The server's verdict on one command.
    enum Answer: Equatable {
        case allowed, commandDenied, keyDenied

        /// Reads the text of `ACL DRYRUN` or of a NOPERM error. Redis 6 and 7 and Valkey word it differently,
        /// but all have "access" for keys, and "run" for commands.
        init(refusal: String) { self = refusal.contains("access") ? .keyDenied : .commandDenied }
    }

    private static func answers(
        of user: String, on node: Node, _ commands: [[String]]
    ) async -> (Method, [Answer])? {
        if let answers = await dryRun(user, node, commands) { return (.dryRun, answers) }
        if let answers = await transaction(node, commands) { return (.transaction, answers) }
        return nil
    }

    private static func dryRun(_ user: String, _ node: Node, _ commands: [[String]]) async -> [Answer]? {
        guard let replies = await ask(node, commands.map { ["ACL", "DRYRUN", user] + $0 }) else { return nil }
        var answers: [Answer] = []
        for reply in replies {
            switch reply {
            case .status: answers.append(.allowed)
            case .string: answers.append(Answer(refusal: reply.text ?? ""))
            // The server does not know the command, so nobody may run it.
            case .error(let error) where error.message.contains("not found"): answers.append(.commandDenied)
            default: return nil
            }
        }
        return answers
    }

    /// An otherwise empty transaction first checks that the server aborts.
    private static func transaction(_ node: Node, _ commands: [[String]]) async -> [Answer]? {
        let malformed = ["GET"]
        guard isAborted(await ask(node, [["MULTI"], malformed, ["EXEC"]])) else { return nil }
        let inner = commands.map { ["MULTI", "EXEC"].contains($0[0]) ? malformed : $0 }
        guard let replies = await ask(node, [["MULTI"], malformed] + inner + [["EXEC"]]), isAborted(replies)
        else { return nil }
        return replies.dropFirst(2).dropLast().map { reply in
            guard case .error(let error) = reply else { return .allowed }
            if error.name == "NOPERM" { return Answer(refusal: error.message) }
            return error.message.contains("unknown command") ? .commandDenied : .allowed
        }
    }

    private static func isAborted(_ replies: [Reply]?) -> Bool {
        guard case .status("OK")? = replies?.first, case .error(let error)? = replies?.last else {
            return false
        }
        return error.name == "EXECABORT"
    }

    private static func ask(_ node: Node, _ commands: [[String]]) async -> [Reply]? {
        try? await node.pipeline(commands.count, deadline: node.deadline()) { writer in
            for words in commands {
                writer.begin(words.count)
                for word in words { writer.argument(word) }
            }
        }
    }
}
