import ArgumentParser
import Caches
import CachesPlatform
import CachesTerminal
import CachesTransport

/// `cachesctl set`.
struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Stores a value at a key.",
        discussion: """
            It replaces the earlier value and its ttl. The value - is standard input, byte for byte.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl set greeting hello --ttl 5m
              cachesctl set picture.7 - < picture.png
              cachesctl set --on sessions/a session.1 -- -1
            """)

    @Argument(help: "The key, in full.")
    var key: String

    @Argument(help: "The value; - is standard input.")
    var value: String

    @Option(help: "How long the value is kept: \(TTLArgument.help). Default: for ever.")
    var ttl: TTLArgument?

    @OptionGroup var options: KeyOptions

    func validate() throws {
        try KeyArguments.check([key])
    }

    func run() async throws {
        try await options.run { session in
            let bytes = value == "-" ? try readStandardInput() : Array(value.utf8)
            try await session.cache(key).set(bytes, ttl: ttl?.ttl)
            let node = try session.pool.node(for: key, connection: session.connection).name
            let time = ttl.map { "for \($0.text)" } ?? "for ever"
            session.output.line(
                "\(key.printable): \(Figures.count(bytes.count, "byte")) on \(node.printable), \(time)")
        }
    }

    /// Reads all of standard input, up to the size that a server takes.
    private func readStandardInput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= Self.mostBytes {
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                let reason = String(cString: strerror(errno))
                throw CachesError(.invalidArgument, "Standard input can't be read: \(reason).")
            }
        }
        throw CachesError(.tooLarge, "Standard input holds more than the 512 MiB that a server takes.")
    }

    /// The default of a server's `proto-max-bulk-len`.
    private static let mostBytes = 512 << 20
}
