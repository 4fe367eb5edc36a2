import CachesCluster
import CachesPlatform
import CachesTransport

/// Files of a configuration that hold what nobody else may know.
enum SecretFiles {
    /// The passwords' and private keys' files of a node.
    static func all(of node: NodeConfiguration) -> [String] {
        var files = [node.connection.credentialsProvider?.file, node.connection.tls?.keyFile]
        if case .file(let path)? = node.connection.tls?.keyPassword { files.append(path) }
        if case .sentinel(let sentinels) = node.deployment {
            files.append(sentinels.credentialsProvider?.file)
        }
        return files.compactMap(\.self)
    }

    /// Those that every user of this machine can read.
    static func readableByAll(_ files: [String]) -> [String] {
        files.filter { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
        }
    }
}
