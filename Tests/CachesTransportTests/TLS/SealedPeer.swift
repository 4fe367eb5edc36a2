import CachesTesting
import Foundation

@testable import CachesTransport

/// A TLS session with a real server over a blocking socket: the bytes on the wire can be looked at.
///
/// It must not be used on the loop's thread, nor for long.
final class SealedPeer {
    let session: TLSSession
    private let descriptor: Int32

    struct Failed: Error {}

    convenience init(_ server: LocalServer, of fleet: LocalFleet) throws {
        guard let tls = ConnectionConfiguration(server, of: fleet).tls, let port = server.port else {
            throw Failed()
        }
        try self.init(tls, port: port)
    }

    init(_ tls: TLSConfiguration, port: Int) throws {
        let context = try TLSContexts.context(for: tls).context
        session = try TLSSession(context, tls, host: "localhost", port: port)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failed() }
        var received: [UInt8] = []
        while true {
            var wire = OutgoingBuffer()
            let state = try unsafe received.withUnsafeBytes { try session.shakeHands($0, &wire) }
            try send(wire.bytes)
            if state == .finished { break }
            received = try receive()
        }
    }

    deinit { close(descriptor) }

    /// Encrypts.
    func seal(_ plain: [UInt8]) throws -> [UInt8] {
        var buffer = OutgoingBuffer()
        var wire = OutgoingBuffer()
        unsafe plain.withUnsafeBytes { unsafe buffer.append($0) }
        try session.seal(&buffer, into: &wire)
        return wire.bytes
    }

    /// Receives until so many bytes of plain text have come, and returns them.
    func open(_ count: Int, bufferBytes: Int) throws -> [UInt8] {
        var plain: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        while plain.count < count {
            var received = try receive()
            while true {
                let opened = unsafe buffer.withUnsafeMutableBytes { target in
                    unsafe received.withUnsafeBytes { unsafe session.open($0, into: target) }
                }
                plain += buffer[..<opened.count]
                if let failure = opened.failure { throw failure }
                guard opened.hasMore else { break }
                received = []
            }
        }
        return plain
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failed() }
            rest = rest.dropFirst(count)
        }
    }

    /// Receives the next bytes.
    func receive() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw Failed() }
        return Array(bytes[..<count])
    }
}

extension OutgoingBuffer {
    /// The bytes that wait.
    var bytes: [UInt8] { withPending { unsafe Array($0) } }
}
