private import CachesPlatform

/// The files of a directory.
enum Directory {
    /// More are not looked at: a system's store of authorities has some hundred.
    private static let mostFiles = 4096

    /// The paths of its files, in order, without hidden ones; nil if the path is not a directory.
    static func files(in path: String) -> [String]? {
        guard let directory = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(directory) }
        var files: [String] = []
        while files.count < mostFiles, let entry = unsafe readdir(directory) {
            // The name ends with a zero byte, within the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { files.append(path + "/" + name) }
        }
        return files.sorted()
    }
}
