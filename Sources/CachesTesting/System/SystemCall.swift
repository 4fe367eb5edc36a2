import CachesPlatform

extension FleetError {
    /// The error of the system call that has just failed in this thread.
    static func system(_ what: String, errno code: Int32 = errno) -> FleetError {
        FleetError(.system, "\(what): \(unsafe String(cString: strerror(code))).")
    }
}

/// Repeats a system call for as long as a signal interrupts it.
func uninterrupted<Number: SignedInteger>(_ call: () -> Number) -> Number {
    while true {
        let result = call()
        guard result == -1, errno == EINTR else { return result }
    }
}

/// The value of an environment variable, nil if it is unset or empty.
func environmentVariable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}

/// Whether the process still runs. One that has ended but that its parent hasn't waited for does not.
func isRunning(_ process: pid_t) -> Bool {
    #if os(Linux)
        // `kill(process, 0)` finds ended processes too, as long as nobody has waited for them. The state
        // follows the name, which is in parentheses and may hold any character.
        guard let stat = readFile("/proc/\(process)/stat"), let name = stat.lastIndex(of: ")")
        else { return false }
        let state = stat[name...].dropFirst(2).first
        return state != "Z" && state != "X"
    #else
        return kill(process, 0) == 0
    #endif
}
