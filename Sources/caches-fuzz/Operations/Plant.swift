import ArgumentParser
import Caches
import CachesTransport
import Foundation
import Synchronization

/// A fault of a client that is planted to prove that the fuzzer finds it. It is not a fault of the library:
/// the planted operation misuses a reply.
enum Plant: String, ExpressibleByArgument, CaseIterable, Sendable {
    case trap, hang, growth, secret, control

    /// The fault that is planted in this process.
    static var present: Plant? {
        get { planted.withLock { $0 } }
        set { planted.withLock { $0 = newValue } }
    }

    private static let planted = Mutex<Plant?>(nil)

    /// Carries out the fault.
    func act(on subject: Subject) async throws {
        let node = try subject.pool.node(for: "fuzz.n1")
        switch self {
        case .trap:
            // The stored number is small: only a lie traps.
            let reply = try await node.send("INCRBY", "fuzz.n1", "1")
            if let number = reply.integer { _ = Int8(clamping: number / 2) + Int8(number >> 57) * 2 }
        case .hang:
            let reply = try await node.send("GET", "fuzz.v1")
            // Never resumes, also not when the task is cancelled.
            if reply.isNull { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        case .growth:
            Self.kept.withLock { $0.append([UInt8](repeating: 1, count: 1 << 20)) }
        case .secret:
            subject.judge.read(subject.stage.dsns[0])
        case .control:
            subject.judge.read((try await node.send("ECHO", "a\u{1B}[2J")).text ?? "")
        }
    }

    private static let kept = Mutex<[[UInt8]]>([])
}
