public import CachesTransport

/// Why some nodes failed at something that was done on many: what a ``CachesError`` about several nodes has as
/// its ``CachesError/underlying`` error.
public struct NodeFailures: Error, Sendable {
    /// One error a node that failed, in the order of the configuration.
    public let errors: [CachesError]
}

extension NodeFailures: CustomStringConvertible {
    /// The errors, each with its node's name.
    public var description: String { errors.map(\.description).joined(separator: "; ") }
}

extension CachesError {
    /// The one error for what failed on some of `count` nodes, of the first one's code.
    ///
    /// - Parameter loss: What is missing because of it, in the words before "of 2 of 3 nodes".
    init(_ failures: [CachesError], of count: Int, loss: String, advice: String) {
        let names = failures.map { "\($0.node ?? "?") (\($0.code))" }.joined(separator: ", ")
        self.init(
            failures[0].code, "\(loss) \(failures.count) of \(count) nodes: \(names).", advice: advice,
            node: failures.count == 1 ? failures[0].node : nil, underlying: NodeFailures(errors: failures))
    }
}
