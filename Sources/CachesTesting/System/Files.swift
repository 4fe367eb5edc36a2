import CachesPlatform

/// Writes a new file that only this user may read.
func writePrivateFile(_ path: String, _ text: String) throws(FleetError) {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .system("Can't write \(path)") }
    let file = Descriptor(owning: number)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { buffer in
            uninterrupted { unsafe write(file.number, buffer.baseAddress, buffer.count) }
        }
        guard written > 0 else { throw .system("Can't write \(path)") }
        rest = rest.dropFirst(written)
    }
}

/// Makes a folder that only this user may enter.
func makePrivateFolder(_ path: String) throws(FleetError) {
    guard unsafe mkdir(path, 0o700) == 0 else { throw .system("Can't make the folder \(path)") }
}

/// A file's text, or the last `tail` bytes of it; nil if it can't be read.
func readFile(_ path: String, tail: Int? = nil) -> String? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    if let tail { _ = lseek(file.number, max(0, lseek(file.number, 0, SEEK_END) - off_t(tail)), SEEK_SET) }
    var text: [UInt8] = []
    while true {
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
            filled = max(0, uninterrupted { unsafe read(file.number, buffer.baseAddress, 4096) })
        }
        guard !chunk.isEmpty else { return String(decoding: text, as: UTF8.self) }
        text += chunk
    }
}

/// Removes a file, if it is there.
func removeFile(_ path: String) throws(FleetError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .system("Can't remove \(path)") }
}

/// The names of a folder's entries, empty if it can't be read.
func fileNames(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in
            unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// The descriptors that are open in this process.
func openDescriptors() -> [Int32] { fileNames(in: "/dev/fd").compactMap { Int32($0) } }
