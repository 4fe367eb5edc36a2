public import CachesTransport

/// The errors of an operation on many nodes of which some failed: the ``CachesError/underlying`` error of a
/// ``CachesError`` about several nodes.
public struct NodeFailures: Error, Sendable {
    /// One error per failed node, in the order of the configuration.
    public let errors: [CachesError]
}

extension NodeFailures: CustomStringConvertible {
    /// The errors, each with its node's name.
    public var description: String { errors.map(\.description).joined(separator: "; ") }
}

extension CachesError {
    /// One error for failures on some of `count` nodes, with the code of the first.
    ///
    /// - Parameter loss: The consequence, in the words before "2 of 3 nodes".
    init(_ failures: [CachesError], of count: Int, loss: String, advice: String) {
        let names = failures.map { "\($0.node ?? "?") (\($0.code))" }.joined(separator: ", ")
        self.init(
            failures[0].code, "\(loss) \(failures.count) of \(count) nodes: \(names).", advice: advice,
            node: failures.count == 1 ? failures[0].node : nil, underlying: NodeFailures(errors: failures))
    }
}
