/// The client's user and password, sent as `AUTH` when a connection opens.
public struct Credentials: Hashable, Sendable {
    /// The ACL user. nil means the server's `default` user (and the one-argument `AUTH` of Redis 5).
    public var username: String?

    /// The password.
    public var password: Secret

    /// Makes credentials of an optional user name and a password.
    public init(username: String? = nil, password: Secret) {
        self.username = username
        self.password = password
    }

    /// Writes `AUTH` (https://redis.io/docs/latest/commands/auth/).
    func write(to writer: inout CommandWriter) {
        writer.begin(username == nil ? 2 : 3)
        writer.argument("AUTH")
        if let username { writer.argument(username) }
        password.reveal { password in
            // Before it can be quoted.
            SentSecrets.shared.withLock { $0.note(password) }
            writer.argument(password)
        }
    }
}
