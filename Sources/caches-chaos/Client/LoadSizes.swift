/// How large values are that are larger than usual, and what is too large.
enum LoadSizes {
    /// The servers' `proto-max-bulk-len`.
    static let serverLimit = 4 << 20
    /// The clients' `max-reply-bytes`.
    static let clientLimit = 2 << 20
    /// The server closes the connection over it.
    static let unwritable = 5 << 20
    /// It can be written, and the client won't read it.
    static let unreadable = 3 << 20
    /// Each value of a bulk call, and how many there are: several megabytes in all.
    static let bulkValue = 128 << 10
    static let bulkCount = 40
}
