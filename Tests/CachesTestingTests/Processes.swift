import Foundation

/// Whether a process exists, if only as a zombie.
func exists(_ process: Int32) -> Bool { kill(process, 0) == 0 }

func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
