/// The sizes of large values, and the limits, in bytes.
enum LoadSizes {
    /// The servers' `proto-max-bulk-len`.
    static let serverLimit = 4 << 20
    /// The clients' `max-reply-bytes`.
    static let clientLimit = 2 << 20
    /// The server closes the connection when it gets a value of this size.
    static let unwritable = 5 << 20
    /// The server takes a value of this size, but the client refuses to read it.
    static let unreadable = 3 << 20
    /// The size of each value of a bulk call, and the number of values: several megabytes in all.
    static let bulkValue = 128 << 10
    static let bulkCount = 40
}
