import Foundation

/// The targets of the open descriptors of a process, such as `socket:[4711]`.
func descriptors(of process: Int32 = getpid()) -> [Int: String] {
    let files = FileManager.default
    let folder = "/proc/\(process)/fd"
    var descriptors: [Int: String] = [:]
    for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
        // The descriptor that reads the folder has gone by now.
        guard let target = try? files.destinationOfSymbolicLink(atPath: "\(folder)/\(name)") else { continue }
        descriptors[Int(name) ?? -1] = target
    }
    return descriptors
}
