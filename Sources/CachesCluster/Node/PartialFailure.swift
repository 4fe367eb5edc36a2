package import CachesTransport

/// Some of the commands that were sent together failed, since another server has to carry them out (of a cluster, or the
/// new primary), and that one can't. The others have their replies.
package struct PartialFailure: Error {
    /// One reply a command, in order; of one that failed, it is the news that another server is to be asked.
    package let replies: [Reply]

    /// The commands that failed, by their places, and why. At least one.
    package let failures: [Int: CachesError]

    package init(replies: [Reply], failures: [Int: CachesError]) {
        self.replies = replies
        self.failures = failures
    }

    /// The failure of the first command that failed.
    var first: any Error { failures.min { $0.key < $1.key }?.value ?? self }

    /// What came of the command at a place.
    package func result(at index: Int) -> Result<Reply, any Error> {
        failures[index].map { .failure($0) } ?? .success(replies[index])
    }
}

extension Error {
    /// What came of the command at a place, of several that failed with this together.
    package func result(at index: Int) -> Result<Reply, any Error> {
        (self as? PartialFailure)?.result(at: index) ?? .failure(self)
    }
}

extension Result<[Reply], any Error> {
    /// What came of the command at a place, of several that were sent together.
    package func result(at index: Int) -> Result<Reply, any Error> {
        switch self {
        case .success(let replies): .success(replies[index])
        case .failure(let error): error.result(at: index)
        }
    }
}
