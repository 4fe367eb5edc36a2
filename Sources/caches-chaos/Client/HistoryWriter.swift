import Dispatch
import Foundation
import Synchronization

/// Writes records to a file, many at a time.
///
/// The file is written by a thread of its own: a disk that is busy must hold up neither calls nor the event loop, which
/// would look like a fault of theirs.
final class HistoryWriter: Sendable {
    private let buffer = Mutex(Data())
    private let file: FileHandle
    private let queue = DispatchQueue(label: "history")

    private static let most = 1 << 16

    init(path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    func write(_ record: Record) {
        let line = Data((record.line + "\n").utf8)
        let isFull = buffer.withLock { buffer in
            buffer += line
            return buffer.count > Self.most
        }
        if isFull { beginToFlush() }
    }

    /// Has what there is written, and returns at once.
    func beginToFlush() { queue.async { [self] in writeBuffer() } }

    /// Writes what there is.
    func flush() { queue.sync { writeBuffer() } }

    private func writeBuffer() {
        let data = buffer.withLock { buffer in
            defer { buffer = Data() }
            return buffer
        }
        // A disk that is full ends the run: what was not written down proves nothing.
        do { try file.write(contentsOf: data) } catch {
            fatalError("The history can't be written: \(error)")
        }
    }
}
