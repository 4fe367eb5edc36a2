internal import CachesTransport

extension CachesError {
    /// The error of calls that come after ``CachePool/close(deadline:)``.
    static let poolClosed = {
        var error = CachesError(.closed, "The pool was closed.", advice: "Make calls before you close it.")
        error.wasNotSent = true
        return error
    }()
}
