import CachesCluster
import CachesPlatform
import CachesTransport

/// The files of a configuration that hold secrets.
enum SecretFiles {
    /// The files with the passwords and private keys of a node.
    static func all(of node: NodeConfiguration) -> [String] {
        var files = [node.connection.credentialsProvider?.file, node.connection.tls?.keyFile]
        if case .file(let path)? = node.connection.tls?.keyPassword { files.append(path) }
        if case .sentinel(let sentinels) = node.deployment {
            files.append(sentinels.credentialsProvider?.file)
        }
        return files.compactMap(\.self)
    }

    /// The files that every user of this machine can read.
    static func readableByAll(_ files: [String]) -> [String] {
        files.filter { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
        }
    }
}
