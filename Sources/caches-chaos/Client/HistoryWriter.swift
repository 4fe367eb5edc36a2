import Foundation
import Synchronization

/// Writes records to a file, many at a time.
final class HistoryWriter: Sendable {
    private struct State {
        var buffer = Data()
        let file: FileHandle
    }

    private let state: Mutex<State>

    init(path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        state = Mutex(State(file: file))
    }

    func write(_ record: Record) {
        let line = Data((record.line + "\n").utf8)
        state.withLock { state in
            state.buffer += line
            if state.buffer.count > 1 << 16 { Self.flush(&state) }
        }
    }

    func flush() { state.withLock { Self.flush(&$0) } }

    private static func flush(_ state: inout State) {
        // A disk that is full ends the run: what was not written down proves nothing.
        do { try state.file.write(contentsOf: state.buffer) } catch {
            fatalError("The history can't be written: \(error)")
        }
        state.buffer.removeAll(keepingCapacity: true)
    }
}
