extension CachesError {
    /// Whether the server's ACL forbids the command or the key: an answer of a server that is well, as against a
    /// password that is wrong.
    package var meansForbidden: Bool { code == .authentication && message.contains("NOPERM") }
}
