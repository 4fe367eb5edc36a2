extension CachesError {
    /// Whether the server's ACL forbids the command or the key: an answer of a healthy server, unlike a wrong
    /// password.
    package var meansForbidden: Bool { code == .authentication && message.contains("NOPERM") }
}
