import CachesTesting
import Testing

@testable import CachesTransport

/// The requests of a handshake, and the bytes on the wire.
@Suite struct TLSSessionTests {
    /// The first message of a handshake.
    private func clientHello(_ configuration: TLSConfiguration, host: String) throws -> [UInt8] {
        let session = try TLSSession(TLSContext(configuration), configuration, host: host, port: 6379)
        var wire = OutgoingBuffer()
        _ = try unsafe session.shakeHands(UnsafeRawBufferPointer(start: nil, count: 0), &wire)
        return wire.bytes
    }

    @Test(
        "The name that is asked for is the host's, or sni's; addresses are not asked for (RFC 6066)",
        arguments: [
            ("cache.example", nil, "cache.example"), ("cache.example", "other.example", "other.example"),
            ("10.0.0.1", "cache.example", "cache.example"), ("10.0.0.1", nil, nil), ("::1", nil, nil),
        ] as [(String, String?, String?)])
    func serverName(host: String, sni: String?, asked: String?) throws {
        var configuration = TLSConfiguration()
        configuration.serverName = sni
        let hello = try clientHello(configuration, host: host)
        // The extension server_name: its type, its length, and the list of one name.
        let names = ["cache.example", "other.example", "10.0.0.1", "::1"].filter { name in
            let length = UInt8(name.utf8.count)
            let field = [0, 0, 0, length + 5, 0, length + 3, 0, 0, length] + Array(name.utf8)
            return hello.indices.contains { hello[$0...].starts(with: field) }
        }
        #expect(names == (asked.map { [$0] } ?? []))
    }

    @Test("No compression is offered (the list of methods holds none but null)")
    func compression() throws {
        let hello = try clientHello(TLSConfiguration(), host: "h")
        // After record and message headers, version and random: the session, the ciphers, the methods.
        var position = 5 + 4 + 2 + 32
        position += 1 + Int(hello[position])
        position += 2 + Int(hello[position]) << 8 + Int(hello[position + 1])
        #expect(Array(hello[position..<(position + 2)]) == [1, 0])
    }

    @Test("A batch is sealed into full records")
    func records() async throws {
        try await withLocalFleet([.init(transport: .tls())]) { fleet in
            let peer = try SealedPeer(fleet.servers[0], of: fleet)
            // 5 000 commands of 22 bytes.
            let wire = try peer.seal(
                Array(repeating: Array("*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n".utf8), count: 5000).flatMap(\.self))
            var (position, lengths) = (0, [Int]())
            while position < wire.count {
                #expect(wire[position] == 23)
                let length = Int(wire[position + 3]) << 8 + Int(wire[position + 4])
                lengths.append(length)
                position += 5 + length
            }
            #expect(position == wire.count)
            // 16 KiB each plus the overhead of sealing, except for the last.
            #expect(lengths.count == (5000 * 22 + 16_383) / 16_384)
            #expect(lengths.dropLast().allSatisfy { $0 >= 16_384 })
        }
    }

    @Test(
        "Sealed bytes are understood, and received ones are opened whatever the size of the buffer",
        arguments: [1, 7, 1000, 1 << 16])
    func bothWays(bufferBytes: Int) async throws {
        try await withLocalFleet([.init(transport: .tls())]) { fleet in
            let peer = try SealedPeer(fleet.servers[0], of: fleet)
            let value = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let command = Array("*2\r\n$4\r\nECHO\r\n$50000\r\n".utf8) + value + Array("\r\n".utf8)
            try peer.send(try peer.seal(command))
            let answer = Array("$50000\r\n".utf8) + value + Array("\r\n".utf8)
            #expect(try peer.open(answer.count, bufferBytes: bufferBytes) == answer)
        }
    }

    @Test("Bytes sealed before a broken record are opened, and the broken record is reported separately")
    func broken() async throws {
        try await withLocalFleet([.init(transport: .tls())]) { fleet in
            let peer = try SealedPeer(fleet.servers[0], of: fleet)
            let (ping, pong) = (Array("*1\r\n$4\r\nPING\r\n".utf8), Array("+PONG\r\n".utf8))
            // The first answer comes after the server's tickets, or together with them.
            try peer.send(try peer.seal(ping))
            #expect(try peer.open(pong.count, bufferBytes: 1000) == pong)
            try peer.send(try peer.seal(ping))
            // A record of application data that was never sealed.
            let forged: [UInt8] = [23, 3, 3, 0, 32] + [UInt8](repeating: 0, count: 32)
            let received = try peer.receive() + forged
            var buffer = [UInt8](repeating: 0, count: 1000)
            let opened = unsafe buffer.withUnsafeMutableBytes { target in
                unsafe received.withUnsafeBytes { unsafe peer.session.open($0, into: target) }
            }
            #expect(Array(buffer[..<opened.count]) == pong)
            #expect(opened.failure?.code == .tls)
        }
    }
}
