import Dispatch
import Foundation
import Synchronization

/// Writes records to a file, many at a time.
///
/// A separate thread writes the file: a busy disk must not hold up calls or the event loop, since that would
/// look like a fault of theirs.
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

    /// Starts to write the buffer, and returns at once.
    func beginToFlush() { queue.async { [self] in writeBuffer() } }

    /// Writes the buffer.
    func flush() { queue.sync { writeBuffer() } }

    private func writeBuffer() {
        let data = buffer.withLock { buffer in
            defer { buffer = Data() }
            return buffer
        }
        // A full disk ends the run: an incomplete history proves nothing.
        do { try file.write(contentsOf: data) } catch {
            fatalError("The history can't be written: \(error)")
        }
    }
}
