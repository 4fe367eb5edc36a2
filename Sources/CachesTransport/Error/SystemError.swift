private import CachesPlatform

/// An `errno`, with the operating system's words for it.
struct SystemError: Error, Hashable, CustomStringConvertible {
    let number: Int32

    /// The error of this thread's last failed system call.
    static var current: SystemError { SystemError(number: errno) }

    /// Whether the process, or its machine, has used up a resource that the call needs: descriptors, memory,
    /// ports.
    var isOfThisProcess: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL].contains(number) }

    var description: String {
        // strerror_r's two incompatible forms make strerror the portable one; both C libraries give each
        // thread its own text.
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    /// An error for a call that fails only when the process runs out of something.
    func error(_ call: String) -> CachesError {
        CachesError(
            .unreachable, "The operating system refused \(call): \(self).",
            advice: "Raise the limit that was reached (`ulimit -n` shows that of open files).")
    }
}
