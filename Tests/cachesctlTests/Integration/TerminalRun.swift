import CachesPlatform
import Foundation
import Testing

/// One run of the built tool on its own terminal, as a person would see it.
final class TerminalRun {
    private let process = Process()
    private let master: CInt
    private let output: AsyncStream<[UInt8]>
    private let statuses: AsyncStream<Int32>

    /// Everything that was drawn so far.
    private(set) var screen = ""

    /// Starts the tool on a terminal without a size, which counts as one of 80 columns.
    init(_ arguments: [String], environment: [String: String]) throws {
        let (master, name) = try Self.openTerminal()
        self.master = master
        let terminal = try FileHandle(
            fileDescriptor: { try #require($0 >= 0 ? $0 : nil) }(open(name, O_RDWR | O_NOCTTY)),
            closeOnDealloc: true)
        process.executableURL = try ToolRun.tool
        process.arguments = arguments
        process.environment = environment.merging(["TERM": "xterm"]) { own, _ in own }
        process.standardInput = terminal
        process.standardOutput = terminal
        process.standardError = terminal
        let (statuses, status) = AsyncStream<Int32>.makeStream()
        self.statuses = statuses
        process.terminationHandler = { status.yield($0.terminationStatus) }
        try process.run()
        // Only then the reading ends with the tool.
        try terminal.close()

        let (chunks, continuation) = AsyncStream<[UInt8]>.makeStream()
        output = chunks
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = buffer.withUnsafeMutableBytes { read(master, $0.baseAddress, $0.count) }
                guard count > 0 else { break }
                continuation.yield(Array(buffer[..<count]))
            }
            close(master)
            continuation.finish()
        }
    }

    /// Makes a terminal: its master's descriptor, and the path of the other side.
    private static func openTerminal() throws -> (master: CInt, path: String) {
        #if os(Linux)
            // The work of posix_openpt, unlockpt and ptsname, which Glibc's module leaves out.
            // (https://man7.org/linux/man-pages/man2/TIOCSPTLCK.2const.html)
            let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
            let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (locked, number): (CInt, CInt) = (0, -1)
            try #require(ioctl(master, setLock, &locked) == 0 && ioctl(master, getNumber, &number) == 0)
            return (master, "/dev/pts/\(number)")
        #else
            let master = posix_openpt(O_RDWR | O_NOCTTY)
            try #require(grantpt(master) == 0 && unlockpt(master) == 0)
            return (master, try #require(ptsname(master).map { String(cString: $0) }))
        #endif
    }

    /// Waits until a text has been drawn, or the tool has ended.
    func reads(_ text: String) async {
        for await chunk in output {
            screen += String(decoding: chunk, as: UTF8.self)
            if screen.contains(text) { return }
        }
        #expect(screen.contains(text))
    }

    /// Types a line.
    func type(_ line: String) throws {
        let bytes = Array((line + "\n").utf8)
        try #require(write(master, bytes, bytes.count) == bytes.count)
    }

    /// The exit code, when the tool has ended and all of its output was read.
    var status: Int32 {
        get async throws {
            for await chunk in output { screen += String(decoding: chunk, as: UTF8.self) }
            return try #require(await statuses.first { _ in true })
        }
    }
}
