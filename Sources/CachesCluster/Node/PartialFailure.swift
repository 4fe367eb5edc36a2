package import CachesTransport

/// Some of the commands sent together had to be redirected to another server (of a cluster, or the new
/// primary), and the redirection failed. The others have their replies.
package struct PartialFailure: Error {
    /// One reply per command, in order; for a failed one, the reply that redirects it.
    package let replies: [Reply]

    /// The errors of the failed commands, by their positions. At least one.
    package let failures: [Int: CachesError]

    package init(replies: [Reply], failures: [Int: CachesError]) {
        self.replies = replies
        self.failures = failures
    }

    /// The failure of the first command that failed.
    var first: any Error { failures.min { $0.key < $1.key }?.value ?? self }

    /// The outcome of the command at a position.
    package func result(at index: Int) -> Result<Reply, any Error> {
        failures[index].map { .failure($0) } ?? .success(replies[index])
    }
}

extension Error {
    /// The outcome of the command at a position, among several that failed together with this error.
    package func result(at index: Int) -> Result<Reply, any Error> {
        (self as? PartialFailure)?.result(at: index) ?? .failure(self)
    }
}

extension Result<[Reply], any Error> {
    /// The outcome of the command at a position, among several that were sent together.
    package func result(at index: Int) -> Result<Reply, any Error> {
        switch self {
        case .success(let replies): .success(replies[index])
        case .failure(let error): error.result(at: index)
        }
    }
}
