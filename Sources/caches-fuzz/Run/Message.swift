import Foundation

/// A message of a worker to the process that has started it, as one line.
enum Message: Codable, Sendable {
    case began(round: Int)
    case ended(round: Int, calls: Int)
    case failed(Failure)
    case finished(resources: String)

    /// Writes the message to standard output at once, so that a crash does not lose it.
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
