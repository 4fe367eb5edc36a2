import CachesTesting
import Foundation
import Testing

@testable import CachesTransport

/// Renegotiation, which Redis never asks for: openssl's own server does, when it is told to.
@Suite struct RenegotiationTests {
    @Test("A server that asks for a new handshake is told that there will be none")
    func refused() async throws {
        let certificates = try await TestCertificates.make()
        let pair = certificates.server(.valid)
        let server = try OpenSSLServer(
            "-cert", pair.certificateFile, "-key", pair.keyFile, "-state", "-tls1_2")
        let port = try await server.port
        var tls = TLSConfiguration()
        tls.authorityFile = certificates.authorityFile
        let peer = try SealedPeer(tls, port: port)
        _ = try await server.prints(Regex("CIPHER is"))
        try server.say("R")
        var buffer = [UInt8](repeating: 0, count: 1000)
        var opened: TLSSession.Opened
        repeat {
            let received = try peer.receive()
            opened = unsafe buffer.withUnsafeMutableBytes { target in
                unsafe received.withUnsafeBytes { unsafe peer.session.open($0, into: target) }
            }
            if let failure = opened.failure { throw failure }
        } while !opened.mustSend
        #expect(!opened.peerClosed && opened.count == 0)
        try peer.send(try peer.seal([]))
        #expect(try await server.prints(Regex("alert read:warning:no renegotiation")) != nil)
    }
}
