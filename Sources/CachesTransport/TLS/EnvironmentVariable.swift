internal import CachesPlatform

/// One environment variable.
enum EnvironmentVariable {
    /// Its value, nil if it is not set. The C library's text is copied before anything else is done.
    static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
