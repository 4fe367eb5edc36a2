import CachesCluster

/// One command on the key of a cache, and the meaning of its reply: the means to carry out a
/// ``CacheOperation``.
// Its size does not depend on the type of its result, of which it has no value: code for any type copies it
// without asking the runtime how.
@usableFromInline
struct CacheCommand<Output: Sendable>: Sendable {
    /// The command itself.
    @usableFromInline let words: CommandWords

    /// Converts the reply.
    @usableFromInline let read: @Sendable (Reply, any ReplySource) throws -> Output

    /// The result while its node is out, if the cache's policy is to miss; nil: it fails.
    @usableFromInline let answerWhenOut: (@Sendable () -> Output)?

    @inlinable
    init(
        _ words: CommandWords, answerWhenOut: (@Sendable () -> Output)?,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) {
        self.words = words
        self.answerWhenOut = answerWhenOut
        self.read = read
    }
}

extension CacheCommand {
    /// A command as it stands: its name, the key, and the words that it is done to. Without any, nothing is
    /// sent.
    init(
        _ name: StaticString, items: [Payload], idempotent: Bool, whenOut: OutageAnswer<Output>,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) {
        self.init(
            CommandWords(name, takingItems: items, idempotent: idempotent, whenOut: whenOut.kind),
            answerWhenOut: whenOut.answer, read: read)
    }

    /// A command as it stands: its name, the key, and the other words.
    @inlinable
    init(
        _ name: StaticString, _ items: [Payload] = [], idempotent: Bool,
        whenOut: OutageAnswer<Output> = .fail,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) {
        self.init(
            CommandWords(name, items, idempotent: idempotent, whenOut: whenOut.kind),
            answerWhenOut: whenOut.answer, read: read)
    }

    /// A write that restarts the ttl of the key, in the same atomic step.
    ///
    /// The command must return an integer that adds up over its items, or take a single item.
    ///
    /// - Parameters:
    ///   - name: The command's name.
    ///   - fixed: Its words before the items.
    ///   - items: The items to write; pairs if the command takes pairs.
    ///   - milliseconds: The ttl; nil leaves the key's as it is.
    init(
        writing name: StaticString, _ fixed: [Payload] = [], items: [Payload], milliseconds: Int64?,
        idempotent: Bool, whenOut: OutageAnswer<Output> = .fail,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) {
        self.init(
            CommandWords(
                writing: name, fixed, items: items, milliseconds: milliseconds, idempotent: idempotent,
                whenOut: whenOut.kind),
            answerWhenOut: whenOut.answer, read: read)
    }

    /// An increment that restarts the ttl of the key, in the same atomic step.
    ///
    /// - Parameters:
    ///   - name: The command's name.
    ///   - arguments: Where in the key the number is, if it isn't the whole, then what to add.
    ///   - reading: The command that reads the number, exact to 64 bits.
    ///   - milliseconds: The ttl; nil leaves the key's as it is.
    init(
        counting name: StaticString, _ arguments: [Payload], reading: StaticString, milliseconds: Int64?,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) {
        self.init(
            CommandWords(counting: name, arguments, reading: reading, milliseconds: milliseconds),
            answerWhenOut: nil, read: read)
    }

    /// A script with the key as its `KEYS[1]`, other keys of the same node after it, and the arguments, then
    /// the items, as its `ARGV`.
    init(
        script: StaticString, otherKeys: [String] = [], _ arguments: [Payload] = [], items: [Payload]? = nil,
        idempotent: Bool, whenOut: OutageAnswer<Output> = .fail,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) {
        self.init(
            CommandWords(
                script: script, otherKeys: otherKeys, arguments, items: items, idempotent: idempotent,
                whenOut: whenOut.kind),
            answerWhenOut: whenOut.answer, read: read)
    }

    /// The output of a command that takes items but got none; nil if there is something to do. No server
    /// takes such a command without any.
    var outputOfNothing: Output? { words.lacksItems ? answerWhenOut.map { $0() } : nil }

    /// Whether carrying it out twice does no harm.
    var idempotent: Bool { words.idempotent }

    /// The same command, after one on a companion of its key.
    func after(_ companion: CompanionCommand) -> CacheCommand {
        CacheCommand(words.after(companion), answerWhenOut: answerWhenOut, read: read)
    }

    /// The same command, with its result turned into another.
    func map<Other: Sendable>(_ transform: @escaping @Sendable (Output) -> Other) -> CacheCommand<Other> {
        let read = read
        var answer: (@Sendable () -> Other)?
        if let own = answerWhenOut { answer = { transform(own()) } }
        return CacheCommand<Other>(words, answerWhenOut: answer) { transform(try read($0, $1)) }
    }
}
