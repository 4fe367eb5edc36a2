import CachesPlatform
import CachesTransport

/// The environment variables of this process, without Foundation.
enum ProcessEnvironment {
    /// Every variable whose name begins with a prefix. The first of two with the same name counts, as for
    /// `getenv`.
    ///
    /// - Throws: ``CachesError`` with code `configuration` for a variable that is not UTF-8.
    static func variables(startingWith prefix: String) throws(CachesError) -> [String: String] {
        var variables = [String: String]()
        for (name, value) in entries(startingWith: prefix) where variables[name] == nil {
            guard let value = String(validating: value, as: UTF8.self) else {
                throw ConfigurationFault(
                    "the value is not UTF-8.", advice: "Percent-encode all characters that are not ASCII."
                ).error(in: name)
            }
            variables[name] = value
        }
        return variables
    }

    /// The names and values, copied out before anything else is done with them.
    ///
    /// `environ` is an array of pointers to zero-terminated strings that ends with a null pointer (POSIX,
    /// environ(7)); it is read only that far, and nothing of it is kept. A thread that calls `setenv` or
    /// `putenv` meanwhile races with this as with every `getenv`, including the C library's own: POSIX
    /// expects programs to change their environment before they start threads. After `clearenv`, until the
    /// next `setenv`, there is no array, and Swift's `environ` traps.
    private static func entries(startingWith prefix: String) -> [(name: String, value: [UInt8])] {
        var entries = [(name: String, value: [UInt8])]()
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let bytes = unsafe UnsafeRawBufferPointer(start: entry, count: strlen(entry))
            if unsafe bytes.starts(with: prefix.utf8),
                let equals = unsafe bytes.firstIndex(of: UInt8(ascii: "="))
            {
                entries.append(
                    (
                        name: unsafe String(decoding: bytes[..<equals], as: UTF8.self),
                        value: unsafe Array(bytes[(equals + 1)...])
                    ))
            }
            unsafe next += 1
        }
        return entries
    }
}
