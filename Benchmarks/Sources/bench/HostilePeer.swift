import Foundation
import Synchronization

/// A server on a free loopback port that opens connections as a sound one does, and then answers calls in a
/// hostile way. It has a thread for each connection.
final class HostilePeer: Sendable {
    enum Manner: String, CaseIterable {
        /// Sends each call to another address.
        case moved = "MOVED to ever other addresses"
        case line = "a line without end"
        case numbers = "a list of numbers without end"
        case value = "values of 512 MiB"
        case trickle = "two bytes a second"
        case silentTLS = "TLS handshakes that hang"

        /// Whether the server sends as fast as the client reads.
        var isFlood: Bool { self == .line || self == .numbers || self == .value }
    }

    let port: Int
    private let manner: Manner
    private let listener: Int32
    private let isOver = Atomic(false)
    private let moves = Atomic(0)

    init(_ manner: Manner) throws {
        self.manner = manner
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard listener >= 0, isBound else { throw BenchFailure("no port for the hostile server") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    func stop() {
        isOver.store(true, ordering: .relaxed)
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func accept() {
        while !isOver.load(ordering: .relaxed) {
            let socket = Foundation.accept(listener, nil, nil)
            guard socket >= 0 else { return }
            Thread.detachNewThread { [self] in
                serve(socket)
                close(socket)
            }
        }
    }

    private func serve(_ socket: Int32) {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !isOver.load(ordering: .relaxed) {
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            guard manner != .silentTLS else { continue }
            buffer += chunk[..<count]
            while let words = Self.takeCommand(from: &buffer) {
                guard answer(words, on: socket) else { return }
            }
        }
    }

    /// - Returns: Whether the connection goes on.
    private func answer(_ words: [String], on socket: Int32) -> Bool {
        switch words[0] {
        case "PING": return send("+PONG\r\n", on: socket)
        case "CLUSTER":
            let host = "$9\r\n127.0.0.1\r\n:\(port)\r\n$1\r\na\r\n"
            return send("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n\(host)", on: socket)
        case "GET": return harm(on: socket)
        default: return send("+OK\r\n", on: socket)
        }
    }

    private func harm(on socket: Int32) -> Bool {
        switch manner {
        case .moved:
            let number = moves.wrappingAdd(1, ordering: .relaxed).newValue
            // Nothing listens at the address, or this peer does.
            let target = number % 2 == 0 ? port : 1 + number / 250 % 60_000
            return send("-MOVED 1 127.0.\(number / 250 % 250).\(number % 250 + 1):\(target)\r\n", on: socket)
        case .line: return flood("+", String(repeating: "x", count: 1 << 16), on: socket)
        case .numbers:
            return flood("*2147483647\r\n", String(repeating: ":1\r\n", count: 1 << 14), on: socket)
        case .value: return flood("$536870912\r\n", String(repeating: "v", count: 1 << 16), on: socket)
        case .trickle:
            guard send("$1000\r\n", on: socket) else { return false }
            while !isOver.load(ordering: .relaxed), send("x", on: socket) { usleep(500_000) }
            return false
        case .silentTLS: return true
        }
    }

    private func flood(_ beginning: String, _ refrain: String, on socket: Int32) -> Bool {
        guard send(beginning, on: socket) else { return false }
        while !isOver.load(ordering: .relaxed), send(refrain, on: socket) {}
        return false
    }

    private func send(_ text: String, on socket: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Takes one whole command from the buffer, and returns its words; nil if it is incomplete.
    private static func takeCommand(from buffer: inout [UInt8]) -> [String]? {
        var rest = buffer[...]
        func line() -> String? {
            guard let end = rest.firstIndex(of: 10) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end].dropLast(), as: UTF8.self)
        }
        guard let count = line().flatMap({ Int($0.dropFirst()) }), count > 0 else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = line().flatMap({ Int($0.dropFirst()) }), rest.count >= length + 2 else {
                return nil
            }
            words.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length + 2)
        }
        buffer = Array(rest)
        return words
    }

    /// Opens a connection with a thread that reads and forgets all bytes.
    func drain() throws -> Drain { try Drain(port) }

    final class Drain: Sendable {
        private let descriptor: Int32

        fileprivate init(_ port: Int) throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            self.descriptor = descriptor
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port)).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else { throw BenchFailure("the hostile server can't be connected to") }
            let question = Array("*2\r\n$3\r\nGET\r\n$1\r\na\r\n".utf8)
            _ = Foundation.send(descriptor, question, question.count, Int32(MSG_NOSIGNAL))
            Thread.detachNewThread {
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                while recv(descriptor, &chunk, chunk.count, 0) > 0 {}
                close(descriptor)
            }
        }

        func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}
