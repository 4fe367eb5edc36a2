/// The ring of twemproxy: libketama's with names and rounding of its own, and keys hashed by `fnv1a_64`.
///
/// Source: `src/hashkit/nc_ketama.c`, `nc_fnv.c` and `server_pool_idx` in `src/nc_server.c` of twemproxy 0.5.
enum Twemproxy: RingRule {
    static func points(of nodes: [Placement.Node]) -> [RingPoint] {
        Ketama.points(of: nodes) { share, count in
            // As the C code computes it: in single precision, except the last addition.
            Float(Double(share * 160 / 4 * count) + 1e-10)
        }
    }

    static func position(ofPart part: Span<UInt8>) -> UInt64 { UInt64(FNV1a.hash(of: part)) << 32 }
}
