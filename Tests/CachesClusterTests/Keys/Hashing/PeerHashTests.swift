import Testing

@testable import CachesCluster

/// The hashes that the rings of other clients are made of.
@Suite struct PeerHashTests {
    @Test(
        "MD5 has the digests of RFC 1321, section A.5",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                "d174ab98d277d9f5a5611c2c9f419d9f"
            ),
            (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
        ])
    func md5(text: String, digest: String) {
        let lanes = MD5.hash(of: text)
        #expect([lanes.0, lanes.1, lanes.2, lanes.3].map(\.byteSwapped.hexadecimal).joined() == digest)
    }

    @Test("The lanes of MD5 are little-endian numbers, as twemproxy's points are")
    func lanes() {
        let lanes = MD5.hash(of: "server1-8")
        #expect(lanes.0 == 3_853_726_576)
        #expect(lanes.3 == 2_667_054_752)
    }

    @Test("CRC-32 and CRC-16/XMODEM have their check values")
    func checkValues() {
        #expect("123456789".withUTF8Span { CRC32.hash(of: $0) } == 0xCBF4_3926)
        #expect("123456789".withUTF8Span { CRC16.hash(of: $0) } == 0x31C3)
    }

    @Test("`twemproxy`'s fnv1a_64 has 32 bits, and takes bytes above 0x7F for negative numbers")
    func fnv1a() {
        #expect("apple".withUTF8Span { FNV1a.hash(of: $0) } == 1_488_911_807)
        let byte: [UInt8] = [0x80]
        let expected = (UInt32(0x8422_2325) ^ 0xFFFF_FF80) &* 0x1b3
        #expect(FNV1a.hash(of: byte.span) == expected)
    }

    /// For each length from 0 to 199 the hash of the bytes (31 i + 7) mod 256, times the length plus one: the
    /// sum of all, from `vectors.py`.
    @Test(
        "Every length of input is hashed as by an independent implementation",
        arguments: [
            Hash("MD5", 168_423_191_993_200) { bytes in
                let lanes = MD5.hash(of: bytes)
                return [lanes.0, lanes.1, lanes.2, lanes.3].reduce(0) { $0 + UInt64($1) }
            },
            Hash("CRC32", 39_045_866_765_846) { UInt64(CRC32.hash(of: $0)) },
            Hash("CRC16", 644_257_247) { UInt64(CRC16.hash(of: $0)) },
            Hash("FNV1a", 43_311_255_278_130) { UInt64(FNV1a.hash(of: $0)) },
            Hash("Murmur2", 4_048_802_598_035_844_378) { Murmur2.hash(of: $0) },
        ])
    func lengths(hash: Hash) {
        var sum: UInt64 = 0
        for count in 0..<200 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 31 * $0 + 7) }
            sum &+= UInt64(count + 1) &* hash.value(bytes.span)
        }
        #expect(sum == hash.sum)
    }

    struct Hash: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sum: UInt64
        let value: @Sendable (Span<UInt8>) -> UInt64

        init(_ name: String, _ sum: UInt64, _ value: @escaping @Sendable (Span<UInt8>) -> UInt64) {
            testDescription = name
            self.sum = sum
            self.value = value
        }
    }

    @Test(
        "A key's slot in a Redis Cluster is that of its tag, or of the whole of it",
        arguments: [
            ("foo", 12182), ("123456789", 0x31C3), ("", 0), ("{user1000}.following", 3443),
            ("user1000", 3443), ("{}foo", 9500),
        ])
    func slot(key: String, slot: Int) {
        #expect(HashSlot.slot(of: key) == slot)
    }
}
