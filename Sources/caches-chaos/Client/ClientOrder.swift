/// An order to a client process that has no load of its own: one line of its standard input. It answers each
/// order with a line, when it is done.
enum ClientOrder: Hashable, Sendable {
    case read(key: Int)
    case write(key: Int, version: Int)
    /// Read a key until the node that owns it is out.
    case readUntilOut(key: Int, node: Int)
    /// Wait until a node is used.
    case waitUntilUsed(node: Int)

    /// How long the client waits for a condition, in microseconds.
    static let patience: Int64 = 20_000_000
}

extension ClientOrder {
    /// The line, without its end.
    var line: String {
        switch self {
        case .read(let key): "read \(key)"
        case .write(let key, let version): "write \(key) \(version)"
        case .readUntilOut(let key, let node): "out \(key) \(node)"
        case .waitUntilUsed(let node): "used \(node)"
        }
    }

    /// Parses a line; nil if it is not an order.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ")
        let numbers = words.dropFirst().map { Int($0) }
        switch (words.first, numbers.first ?? nil, numbers.dropFirst().first ?? nil, numbers.count) {
        case ("read", let key?, nil, 1): self = .read(key: key)
        case ("write", let key?, let version?, 2): self = .write(key: key, version: version)
        case ("out", let key?, let node?, 2): self = .readUntilOut(key: key, node: node)
        case ("used", let node?, nil, 1): self = .waitUntilUsed(node: node)
        default: return nil
        }
    }
}
