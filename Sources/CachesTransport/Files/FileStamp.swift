internal import CachesPlatform

/// What tells one version of a file from another.
struct FileStamp: Hashable, Sendable {
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
