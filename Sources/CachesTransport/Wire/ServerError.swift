/// An error as the server worded it.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The whole text, such as `WRONGTYPE Operation against a key holding the wrong kind of value`, as it
    /// came: print ``description`` instead. For an error in a script, without the text that Redis before 7
    /// puts around it: see ``ScriptError``.
    public let message: String

    /// Wraps the text of an error reply, without its leading `-`.
    public init(_ message: String) { self.message = ScriptError.unwrapped(message) ?? message }

    /// The first word of the text, which servers use as the error's code.
    public var name: String { String(message.prefix { $0 != " " }) }

    /// The text as it can be shown: on one line, of 1 KiB at most, without the words of a command that the
    /// server doesn't know, and without a password.
    public var description: String { shown }

    /// Whether the server could not read a command, or a word of it is longer than it takes: after this it
    /// closes the connection
    /// ([`proto-max-bulk-len`](https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/)).
    var refusesCommand: Bool { message.hasPrefix("ERR Protocol error") }

    /// The library's error for this one, with advice where the server's words alone don't help.
    public func error(node: String?) -> CachesError {
        let (code, usual) = Self.meaning(of: shownName)
        let advice = refusesCommand ? Self.refusal : usual
        return CachesError(code, "The server answered: \(sentence)", advice: advice, node: node)
    }

    /// The text as a sentence, to end one with.
    var sentence: String {
        let shown = shown
        return shown.hasSuffix(".") ? shown : "\(shown)."
    }

    /// ``name`` as it can be shown.
    package var shownName: String {
        quotesSecret(String(name)) ? "an error" : PrintableText(name, atMost: Self.longestName).text
    }

    /// The codes of all servers are shorter.
    private static let longestName = 64

    private var shown: String {
        let unquoted = String(unquoted)
        guard !quotesSecret(unquoted) else { return "\(shownName) (left out, since it quotes a password)" }
        return PrintableText(unquoted, atMost: PrintableText.usualLength).text
    }

    private func quotesSecret(_ text: String) -> Bool {
        SentSecrets.shared.withLock { $0.areQuoted(in: text) }
    }

    /// The text without a command's words, which are quoted by a server that doesn't know the command: a
    /// value may be among them.
    private var unquoted: Substring {
        guard let quote = message.firstRange(of: ", with args beginning with:") else { return message[...] }
        return message[..<quote.lowerBound]
    }

    private static let refusal =
        "A key or value may be longer than the server's proto-max-bulk-len: split it, compress it, or raise that."

    private static func meaning(of name: String) -> (code: CachesError.Code, advice: String?) {
        switch name {
        case "NOAUTH":
            (.authentication, "Put the password into the DSN: redis://user:password@host.")
        case "WRONGPASS":
            (
                .authentication,
                "Check the user and password of the DSN; special characters are percent-encoded."
            )
        case "NOPERM":
            (.authentication, "Grant the user this command and key pattern (ACL SETUSER).")
        case "WRONGTYPE":
            (.server(name), "The key holds another type: another class or program uses the same prefix.")
        case "OOM":
            (.server(name), "The server is full: give it a maxmemory-policy that evicts, or more memory.")
        case "READONLY":
            (.server(name), "This node is a replica: point the DSN at its master.")
        case "LOADING":
            (.server(name), "The server is loading its data; it takes commands when that is done.")
        case "MOVED", "ASK":
            (
                .server(name),
                "This server is one of a cluster: begin the DSN with redis+cluster:// or rediss+cluster://."
            )
        case "CROSSSLOT":
            (
                .server(name),
                "A cluster combines keys of one slot alone: give them the same hash tag, {42} say."
            )
        case "CLUSTERDOWN":
            (
                .server(name),
                "The cluster lacks a server for some slots. It comes back when a replica has taken over, or the server is back: see CLUSTER INFO."
            )
        case "TRYAGAIN":
            (
                .server(name),
                "Some of the keys are on their way between two servers of the cluster; try again when the reshard is done."
            )
        default: (.server(name), nil)
        }
    }
}
