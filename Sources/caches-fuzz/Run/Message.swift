import Foundation

/// What a worker tells the process that has started it, a line each.
enum Message: Codable, Sendable {
    case began(round: Int)
    case ended(round: Int, calls: Int)
    case failed(Failure)
    case finished(resources: String)

    /// Writes it to standard output, at once: a crash must not take it along.
    func send() {
        guard var line = try? JSONEncoder().encode(self) else { return }
        line.append(UInt8(ascii: "\n"))
        // One write, so that the lines of several threads do not mix.
        FileHandle.standardOutput.write(line)
    }

    init?(line: String) {
        guard let message = try? JSONDecoder().decode(Message.self, from: Data(line.utf8)) else { return nil }
        self = message
    }
}
