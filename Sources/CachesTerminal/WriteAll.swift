import CachesPlatform

/// The reader of the output has gone away (EPIPE).
public struct ClosedOutput: Error {}

/// The output could not be written, for example to a full disk.
public struct OutputFailure: Error, CustomStringConvertible {
    public let number: CInt
    public var description: String {
        "Standard output can't be written: \(String(cString: strerror(number)))."
    }
}

/// Lets a write fail whose reader has gone away, instead of ending the program (SIGPIPE).
public func outliveReaders() { signal(SIGPIPE, SIG_IGN) }

/// Writes all of the bytes to a descriptor, by default to standard output.
public func writeAll(_ bytes: some Collection<UInt8>, to descriptor: CInt = STDOUT_FILENO) throws {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written < 0 else {
            rest = rest.dropFirst(written)
            continue
        }
        switch errno {
        case EINTR: continue
        case EPIPE: throw ClosedOutput()
        default: throw OutputFailure(number: errno)
        }
    }
}
