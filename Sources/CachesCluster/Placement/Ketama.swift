/// The ring of libketama.
///
/// A node has 4 · ⌊40 · n · w / Σw⌋ points for n nodes: for k = 0, 1, … the four little-endian numbers in the
/// MD5 of `identity-k`. A key's position is the first of the four in its own MD5. (Richard Jones, "libketama:
/// consistent hashing library for memcached clients", 2007.)
enum Ketama: RingRule {
    static func points(of nodes: [Placement.Node]) -> [RingPoint] {
        points(of: nodes) { share, count in
            // As the C code computes it: the share in single precision, its product in double, rounded to
            // single.
            Float(Double(share) * 40 * Double(count))
        }
    }

    static func position(ofPart part: Span<UInt8>) -> UInt64 { UInt64(MD5.hash(of: part).0) << 32 }

    /// The points of a continuum.
    ///
    /// - Parameter rounds: How many times four points a node with a share of the weights has, before
    ///   truncation to an integer. Each client rounds in its own way.
    static func points(
        of nodes: [Placement.Node], rounds: (_ share: Float, _ count: Float) -> Float
    ) -> [RingPoint] {
        let sum = Float(nodes.reduce(0) { $0 + $1.weight })
        return nodes.enumerated().flatMap { index, node in
            let rounds = Int(rounds(Float(node.weight) / sum, Float(nodes.count)).rounded(.down))
            return (0..<rounds).flatMap { round in
                let digest = MD5.hash(of: "\(node.identity)-\(round)")
                return [digest.0, digest.1, digest.2, digest.3].map { RingPoint(UInt64($0) << 32, index) }
            }
        }
    }
}
