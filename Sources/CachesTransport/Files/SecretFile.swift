internal import CachesPlatform

/// A file that holds a password and nothing else, as secret stores mount them.
enum SecretFile {
    /// No password is longer; a token may have some kilobytes.
    private static let mostBytes = 64 << 10

    /// Reads it. Strips one trailing line end. Blocks.
    /// - Parameter option: The name of the file's setting in errors.
    static func read(_ path: String, option: String, code: CachesError.Code) throws(CachesError) -> Secret {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CachesError(
                code, "The password file \(path) can't be read: \(SystemError.current).",
                advice: "`\(option)` names a file that this process may read.")
        }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= mostBytes {
            let count = unsafe readBytes(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.count <= mostBytes, let text = String(validating: bytes, as: UTF8.self)
        else {
            let fault = bytes.isEmpty ? "is empty" : bytes.count > mostBytes ? "is too long" : "is not UTF-8"
            throw CachesError(
                code, "The password file \(path) \(fault).",
                advice: "`\(option)` names a file that holds the password alone.")
        }
        return Secret(text)
    }
}

// Inside the type `read` is its own.
private let readBytes = unsafe read(_:_:_:)
