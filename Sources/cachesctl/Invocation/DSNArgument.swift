import CachesCluster
import CachesTransport

/// DSNs that were given as arguments.
enum DSNArgument {
    /// The warning if a DSN holds a password: every user of the machine can see arguments (`ps`), and the
    /// shell keeps them in its history. nil if no DSN holds one.
    static func warning(_ nodes: [NodeConfiguration], option: String) -> String? {
        let holdsOne = nodes.contains { node in
            if node.connection.credentials != nil { return true }
            guard case .sentinel(let sentinels) = node.deployment else { return false }
            return sentinels.credentials != nil
        }
        guard holdsOne else { return nil }
        return
            "warning: \(option) has a password, which other users of this machine can see while the command runs. "
            + "Put it into a file: password-file=FILE in the DSN."
    }
}
