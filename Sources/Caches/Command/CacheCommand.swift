/// How a command is written around its arguments.
private enum CommandForm: Sendable {
    case plain(StaticString)
    case expiring(StaticString, milliseconds: Int64)
    case counting(StaticString, milliseconds: Int64, reading: StaticString)
    case script(StaticString, keys: Int)
}

/// One command on the key of a cache, and what its reply means: what every call of a collection, and every
/// entry of a batch or a transaction, is made of.
///
/// An operation is always exactly one command. So it is atomic by itself, a batch is a list of them, and a
/// transaction can hold any of them.
struct CacheCommand<Output: Sendable>: Sendable {
    /// What a call does while its node is out, if the cache's policy is to miss.
    enum WhenOut: Sendable {
        /// It fails all the same: no answer that could be made up would be true.
        case fail
        /// It reads: it returns what it would if nothing were there.
        case miss(Output)
        /// It writes: it is dropped and counted, and returns this.
        case drop(Output)
    }

    private let form: CommandForm

    /// The words after the key that are there whatever it is done to.
    private let fixed: [Payload]

    /// The words after those: what it is done to.
    private let items: [Payload]

    /// Whether carrying it out twice does no harm.
    let idempotent: Bool

    /// What it does while its node is out, if the cache's policy is to miss.
    let whenOut: WhenOut

    /// What the reply means.
    let read: @Sendable (Reply, Node) throws -> Output

    private init(
        _ form: CommandForm, fixed: [Payload] = [], items: [Payload], idempotent: Bool, whenOut: WhenOut,
        read: @escaping @Sendable (Reply, Node) throws -> Output
    ) {
        self.form = form
        self.fixed = fixed
        self.items = items
        self.idempotent = idempotent
        self.whenOut = whenOut
        self.read = read
    }
}

extension CacheCommand {
    /// A command as it stands: its name, the key, and the other words.
    init(
        _ name: StaticString, _ items: [Payload] = [], idempotent: Bool, whenOut: WhenOut = .fail,
        read: @escaping @Sendable (Reply, Node) throws -> Output
    ) {
        self.init(.plain(name), items: items, idempotent: idempotent, whenOut: whenOut, read: read)
    }

    /// A write after which the ttl of the key begins anew, in the same atomic step.
    ///
    /// The command must return an integer that adds up over its items, or take a single item.
    ///
    /// - Parameters:
    ///   - name: The command's name.
    ///   - fixed: Its words before the items.
    ///   - items: What it writes; pairs where the command takes pairs.
    ///   - milliseconds: The ttl; nil leaves the key's as it is.
    init(
        writing name: StaticString, _ fixed: [Payload] = [], items: [Payload], milliseconds: Int64?,
        idempotent: Bool, whenOut: WhenOut = .fail, read: @escaping @Sendable (Reply, Node) throws -> Output
    ) {
        let form: CommandForm =
            if let milliseconds {
                .expiring(name, milliseconds: milliseconds)
            } else {
                .plain(name)
            }
        self.init(form, fixed: fixed, items: items, idempotent: idempotent, whenOut: whenOut, read: read)
    }

    /// An increment after which the ttl of the key begins anew, in the same atomic step.
    ///
    /// - Parameters:
    ///   - name: The command's name.
    ///   - arguments: Where in the key the number is, if it isn't the whole, then what to add.
    ///   - reading: The command that reads the number, exact to 64 bits.
    ///   - milliseconds: The ttl; nil leaves the key's as it is.
    init(
        counting name: StaticString, _ arguments: [Payload], reading: StaticString, milliseconds: Int64?,
        read: @escaping @Sendable (Reply, Node) throws -> Output
    ) {
        let form: CommandForm =
            if let milliseconds {
                .counting(name, milliseconds: milliseconds, reading: reading)
            } else {
                .plain(name)
            }
        self.init(form, items: arguments, idempotent: false, whenOut: .fail, read: read)
    }

    /// A script with the key as its `KEYS[1]`, other keys of the same node after it, and the arguments, then the
    /// items, as its `ARGV`.
    init(
        script: StaticString, otherKeys: [String] = [], _ arguments: [Payload] = [], items: [Payload] = [],
        idempotent: Bool, whenOut: WhenOut = .fail,
        read: @escaping @Sendable (Reply, Node) throws -> Output
    ) {
        self.init(
            .script(script, keys: 1 + otherKeys.count), fixed: otherKeys.map(Payload.text) + arguments,
            items: items, idempotent: idempotent, whenOut: whenOut, read: read)
    }

    /// Whether there is something that it is done to. No server takes a command for many items without one, and
    /// there is nothing to do for none.
    var hasItems: Bool { !items.isEmpty }

    /// Throws if one of its words is larger than a server takes.
    func checkSizes() throws(CachesError) {
        for argument in [fixed, items].joined() where argument.count > CommandWriter.maximumArgumentBytes {
            throw CommandWriter.tooLarge(argument.count)
        }
    }

    /// Writes the command on a key.
    func write(_ key: KeyBytes, to command: inout CommandWriter) {
        let count = fixed.count + items.count
        switch form {
        case .plain(let name):
            command.begin(2 + count)
            command.argument(name)
            command.argument(key)
        case .expiring(let name, let milliseconds):
            command.begin(7 + count)
            command.argument("EVAL")
            command.argument(Script.writeAndExpire)
            command.argument(1)
            command.argument(key)
            command.argument(milliseconds)
            command.argument(name)
            command.argument(fixed.count)
        case .counting(let name, let milliseconds, let reading):
            command.begin(7 + count)
            command.argument("EVAL")
            command.argument(Script.countAndExpire)
            command.argument(1)
            command.argument(key)
            command.argument(milliseconds)
            command.argument(name)
            command.argument(reading)
        case .script(let script, let keys):
            command.begin(4 + count)
            command.argument("EVAL")
            command.argument(script)
            command.argument(keys)
            command.argument(key)
        }
        for argument in fixed { command.argument(argument) }
        for item in items { command.argument(item) }
    }

    /// Whether there is a true answer without the node that owns the key.
    var mayBeStoodInFor: Bool { if case .fail = whenOut { false } else { true } }

    /// Whether it is a command of the server's own, as against a script.
    var isPlain: Bool { if case .plain = form { true } else { false } }

    /// Writes the command to be carried out by a node that stands in for another.
    func write(_ key: KeyBytes, _ use: StandIn.Use, to standIn: StandIn, _ command: inout CommandWriter) {
        guard use != .note, case .plain(let name) = form else {
            return standIn.write([Payload](), on: key.text, .note, to: &command) { $1.argument($0) }
        }
        standIn.write([.text(name.description)] + fixed + items, on: key.text, use, to: &command) {
            $1.argument($0)
        }
    }

    /// The same command, with its result turned into another.
    func map<Other: Sendable>(_ transform: @escaping @Sendable (Output) -> Other) -> CacheCommand<Other> {
        let whenOut: CacheCommand<Other>.WhenOut =
            switch whenOut {
            case .fail: .fail
            case .miss(let output): .miss(transform(output))
            case .drop(let output): .drop(transform(output))
            }
        let (form, read) = (form, read)
        return CacheCommand<Other>(
            form, fixed: fixed, items: items, idempotent: idempotent, whenOut: whenOut
        ) { transform(try read($0, $1)) }
    }
}
