/// Looks for a byte in eight at a time.
// Public, to be inlined in the floors above: every key is looked through, for hash tags and for escaped
// characters.
public enum ByteSearch {
    /// The upper bit of the first of eight bytes that is `byte`, and perhaps of some above it; 0 if none is.
    @inlinable @inline(__always)
    public static func marks(of byte: UInt8, in word: UInt64) -> UInt64 {
        let (ones, tops) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        // A byte that is zero borrows in a subtraction of one, and had no upper bit of its own; only a byte
        // above one that is zero can seem to.
        let difference = word ^ UInt64(byte) &* ones
        return (difference &- ones) & ~difference & tops
    }
}
