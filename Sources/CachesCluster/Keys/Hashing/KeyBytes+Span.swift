internal import CachesTransport

extension KeyBytes {
    /// Calls `body` with the bytes.
    @inline(__always)
    func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        // Unsafe only in that the memory is the key's: `body` ends before the key goes away.
        unsafe withBytes { unsafe body($0.bindMemory(to: UInt8.self).span) }
    }
}
