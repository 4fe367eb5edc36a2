extension String {
    /// Calls `body` with the text's UTF-8, which is copied only if the text isn't stored as UTF-8.
    // Not withUTF8, which needs a mutable copy: its retain and release cost more than a hash does.
    @inline(__always)
    func withUTF8Span<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe utf8.withContiguousStorageIfAvailable { unsafe body($0.span) } ?? withCopyOfUTF8(body)
    }

    // A function of its own, so that the common case needs few registers.
    @inline(never)
    private func withCopyOfUTF8<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(Array(utf8).span) }
}
