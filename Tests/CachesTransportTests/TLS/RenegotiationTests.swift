import CachesTesting
import Foundation
import Testing

@testable import CachesTransport

/// Renegotiation, which Redis never asks for: openssl's own server does, when it is told to.
@Suite struct RenegotiationTests {
    /// `openssl s_server` on a free port, told what to do over its standard input.
    private final class OpenSSLServer: Sendable {
        private let process: Process
        private let input = Pipe()
        private let output: URL
        // Keeps the files.
        private let certificates: TestCertificates

        init(_ certificates: TestCertificates, _ options: String...) throws {
            self.certificates = certificates
            output = FileManager.default.temporaryDirectory.appending(path: "s_server-\(UUID().uuidString)")
            _ = FileManager.default.createFile(atPath: output.path, contents: nil)
            let pair = certificates.server(.valid)
            process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments =
                ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", pair.certificateFile]
                + ["-key", pair.keyFile, "-state"] + options
            process.standardInput = input
            let file = try FileHandle(forWritingTo: output)
            process.standardOutput = file
            process.standardError = file
            try process.run()
        }

        deinit {
            // Not SIGTERM: the threads of tasks block it, and so does what they start. And one that lives on keeps
            // open what it was started with, which may be what another test waits for.
            kill(process.processIdentifier, SIGKILL)
            try? FileManager.default.removeItem(at: output)
        }

        /// What it has printed.
        var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

        func say(_ line: String) throws {
            try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
        }

        /// Waits until it has printed what a pattern finds.
        func prints(_ pattern: Regex<AnyRegexOutput>) async throws -> String? {
            let limit = Deadline.after(.seconds(60))
            while !limit.hasPassed {
                if let match = text.firstMatch(of: pattern) { return String(text[match.range]) }
                await withCheckedContinuation { continuation in
                    EventLoop.shared.schedule(after: .milliseconds(1)) { continuation.resume() }
                }
            }
            return nil
        }
    }

    @Test("a server that asks for a new handshake is told that there will be none")
    func refused() async throws {
        let certificates = try await TestCertificates.make()
        let server = try OpenSSLServer(certificates, "-tls1_2")
        let line = try #require(try await server.prints(Regex("ACCEPT 127.0.0.1:[0-9]+")))
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
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
