/// The behaviour of an operation while the node of its key is out, if the cache's policy is
/// ``OutagePolicy/miss``.
public struct OutageAnswer<Output: Sendable>: Sendable {
    @usableFromInline let kind: CommandWords.WhenOut
    @usableFromInline let answer: (@Sendable () -> Output)?

    @inlinable
    init(kind: CommandWords.WhenOut, answer: (@Sendable () -> Output)?) {
        self.kind = kind
        self.answer = answer
    }

    /// It fails, since no other answer would be true. The default.
    @inlinable public static var fail: Self { Self(kind: .fail, answer: nil) }

    /// It reads: it returns this, as if nothing were at the key. Only such an operation may be answered by a
    /// replica or a stand-in that has never seen the key.
    @inlinable
    public static func miss(_ answer: @autoclosure @escaping @Sendable () -> Output) -> Self {
        Self(kind: .miss, answer: answer)
    }

    /// It writes: it is dropped, counted (``CacheCounters/dropped``), and returns this.
    public static func drop(_ answer: @autoclosure @escaping @Sendable () -> Output) -> Self {
        Self(kind: .drop, answer: answer)
    }
}
