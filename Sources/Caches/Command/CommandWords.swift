import CachesCluster
import CachesTransport

/// How a command is written around its arguments.
private enum CommandForm: Sendable {
    case plain(StaticString)
    case expiring(StaticString, milliseconds: Int64)
    case counting(StaticString, milliseconds: Int64, reading: StaticString)
    case script(StaticString, keys: Int)
}

/// One command on a key, without the meaning of its reply: the part that does not depend on the result's
/// type.
@usableFromInline
struct CommandWords: Sendable {
    /// The behaviour of a call while its node is out, if the cache's policy is to miss.
    @usableFromInline
    enum WhenOut: Sendable {
        /// It still fails: any made-up answer would be false.
        case fail
        /// It reads, and returns the same as for a missing key.
        case miss
        /// It writes: it is dropped and counted.
        case drop
    }

    private let form: CommandForm

    /// The words after the key that are there whatever it is done to.
    private let fixed: [Payload]

    /// The words after those: the items that the command acts on.
    private let items: [Payload]

    /// Whether carrying it out twice does no harm.
    let idempotent: Bool

    /// The behaviour while its node is out, if the cache's policy is to miss.
    let whenOut: WhenOut

    /// Whether it needs items but has none.
    let lacksItems: Bool

    /// A command on a companion of the key, carried out before it; nil if there is no companion.
    private(set) var companion: CompanionCommand?

    /// How many commands it is.
    var count: Int { companion == nil ? 1 : 2 }

    private init(
        _ form: CommandForm, fixed: [Payload] = [], items: [Payload], takesItems: Bool = false,
        idempotent: Bool, whenOut: WhenOut
    ) {
        self.form = form
        self.fixed = fixed
        self.items = items
        self.idempotent = idempotent
        self.whenOut = whenOut
        lacksItems = takesItems && items.isEmpty
    }
}

extension CommandWords {
    /// A command as it stands: its name, the key, and the other words.
    @usableFromInline
    init(_ name: StaticString, _ items: [Payload], idempotent: Bool, whenOut: WhenOut) {
        self.init(.plain(name), items: items, idempotent: idempotent, whenOut: whenOut)
    }

    /// A command as it stands: its name, the key, and the words that it is done to.
    init(_ name: StaticString, takingItems items: [Payload], idempotent: Bool, whenOut: WhenOut) {
        self.init(.plain(name), items: items, takesItems: true, idempotent: idempotent, whenOut: whenOut)
    }

    /// A write that restarts the ttl of the key, if there is one.
    init(
        writing name: StaticString, _ fixed: [Payload], items: [Payload], milliseconds: Int64?,
        idempotent: Bool, whenOut: WhenOut
    ) {
        let form = milliseconds.map { CommandForm.expiring(name, milliseconds: $0) } ?? .plain(name)
        self.init(
            form, fixed: fixed, items: items, takesItems: true, idempotent: idempotent, whenOut: whenOut)
    }

    /// An increment that restarts the ttl of the key, if there is one.
    init(counting name: StaticString, _ arguments: [Payload], reading: StaticString, milliseconds: Int64?) {
        let form =
            milliseconds.map { CommandForm.counting(name, milliseconds: $0, reading: reading) }
            ?? .plain(name)
        self.init(form, items: arguments, idempotent: false, whenOut: .fail)
    }

    /// A script with the key as its `KEYS[1]`, other keys after it, and the arguments, then the items, as its
    /// `ARGV`.
    init(
        script: StaticString, otherKeys: [String], _ arguments: [Payload], items: [Payload]?,
        idempotent: Bool,
        whenOut: WhenOut
    ) {
        self.init(
            .script(script, keys: 1 + otherKeys.count), fixed: otherKeys.map(Payload.text) + arguments,
            items: items ?? [], takesItems: items != nil, idempotent: idempotent, whenOut: whenOut)
    }

    /// Whether it changes nothing.
    var isRead: Bool { whenOut == .miss }

    /// The command's name, for errors.
    var name: String {
        switch form {
        case .plain(let name), .expiring(let name, _), .counting(let name, _, _): name.description
        case .script: "the script"
        }
    }

    /// Whether it is a command of the server, rather than a script.
    var isPlain: Bool { if case .plain = form { true } else { false } }

    /// Throws if one of its words is larger than a server takes.
    /// - Returns: Their size together, without its name and key.
    func checkSizes() throws(CachesError) -> Int {
        var bytes = 0
        for argument in fixed { bytes += try argument.checkSize() }
        for item in items { bytes += try item.checkSize() }
        return bytes
    }

    /// The same command, with another one on a companion of its key before it: both are written together, and
    /// the reply of the first counts only if it is an error. A stand-in is not sent the companion's: that is
    /// on the owner.
    func after(_ companion: CompanionCommand) -> CommandWords {
        var words = self
        words.companion = companion
        return words
    }

    /// Writes the command on a key, its companion's first.
    func write(_ key: KeyBytes, to command: inout CommandWriter) {
        companion?.write(key, to: &command)
        let count = fixed.count + items.count
        switch form {
        case .plain(let name):
            command.begin(2 + count)
            command.argument(name)
            command.argument(key)
        case .expiring(let name, let milliseconds):
            command.begin(Script.writeAndExpire, keys: 1, key, words: 3 + count)
            command.argument(milliseconds)
            command.argument(name)
            command.argument(fixed.count)
        case .counting(let name, let milliseconds, let reading):
            command.begin(Script.countAndExpire, keys: 1, key, words: 3 + count)
            command.argument(milliseconds)
            command.argument(name)
            command.argument(reading)
        case .script(let script, let keys): command.begin(script, keys: keys, key, words: count)
        }
        for argument in fixed { command.argument(argument) }
        for item in items { command.argument(item) }
    }

    /// Writes the command to be carried out in place of a node that is out, for one of those that do.
    ///
    /// - Parameter scope: The prefix that only keys of the class have; empty if there is no such prefix.
    func write(
        _ key: KeyBytes, scope: String, _ use: StandIn.Use, to standIn: StandIn, at holder: Node,
        _ command: inout CommandWriter
    ) {
        standIn.write(
            use == .note ? [] : plainWords, on: key.text, scope: scope, use, to: &command, for: holder
        ) { $1.argument($0) }
    }

    /// Writes the command to be carried out on a key in doubt.
    func write(_ key: DoubtfulKey, _ use: DoubtfulKey.Use, to command: inout CommandWriter) {
        key.write(plainWords, use, to: &command) { $1.argument($0) }
    }

    /// The command's name and its words after the key, if it is one of the server's own.
    private var plainWords: [Payload] {
        guard case .plain(let name) = form else { preconditionFailure("a script has no words of its own") }
        return [.text(name.description)] + fixed + items
    }

    /// Whether it leaves nothing of the key's old value.
    var replaces: Bool {
        guard case .plain(let name) = form, whenOut == .drop else { return false }
        return name.description == "SET" || name.description == "UNLINK"
    }
}

/// A command on a key that is kept beside a user's key: see ``CompanionKeys``.
struct CompanionCommand: Sendable {
    let name: StaticString

    /// The kind of companion.
    let kind: StaticString

    /// The words after the companion's key.
    var arguments: [Payload] = []

    func write(_ key: KeyBytes, to command: inout CommandWriter) {
        command.begin(2 + arguments.count)
        command.argument(name)
        command.argument(CompanionKeys.name(kind, of: key.text))
        for argument in arguments { command.argument(argument) }
    }
}

extension CommandWriter {
    /// Begins a script with its first key; so many words follow, the other keys among them.
    fileprivate mutating func begin(_ script: StaticString, keys: Int, _ key: KeyBytes, words: Int) {
        begin(4 + words)
        argument("EVAL")
        argument(script)
        argument(keys)
        argument(key)
    }
}
