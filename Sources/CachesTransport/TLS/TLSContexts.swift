#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The contexts in use, so that all connections with the same settings share one: with the system's authorities
/// it takes most of a mebibyte, and some milliseconds to make.
///
/// A file that changes makes a new context, for the connections that are opened from then on.
enum TLSContexts {
    private struct Key: Hashable, Sendable {
        var configuration: TLSConfiguration
        var files: [FileStamp]
    }

    // Weak, since a context is of use only as long as a session has it.
    private struct Entry: Sendable { weak let context: TLSContext? }

    private static let entries = Guarded<[Key: Entry]>([:])

    /// The context for a configuration. It reads files: not to be called on the loop.
    static func context(for configuration: TLSConfiguration) throws(CachesError) -> TLSContext {
        let paths = [configuration.authorityFile, configuration.certificateFile, configuration.keyFile]
        let key = Key(configuration: configuration, files: paths.map(FileStamp.init))
        if let context = entries.withLock({ $0[key]?.context }) { return context }
        let context = try TLSContext(configuration)
        entries.withLock { entries in
            entries = entries.filter { $0.value.context != nil }
            entries[key] = Entry(context: context)
        }
        return context
    }
}

/// What tells one version of a file from another.
private struct FileStamp: Hashable, Sendable {
    private var inode: UInt64 = 0
    private var size: Int64 = 0
    private var seconds = 0
    private var nanoseconds = 0

    /// The file at a path; of none, and of one that can't be looked at, all stamps are equal.
    init(_ path: String?) {
        var status = stat()
        guard let path, unsafe stat(path, &status) == 0 else { return }
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        seconds = time.tv_sec
        nanoseconds = time.tv_nsec
    }
}
