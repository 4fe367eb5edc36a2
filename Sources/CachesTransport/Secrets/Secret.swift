/// A text that is never printed: not by `print`, not by string interpolation, not by a debugger's mirror.
public struct Secret: Hashable, Sendable, ExpressibleByStringLiteral {
    let value: String

    /// Wraps a secret text.
    public init(_ value: String) {
        self.value = value
        #if DEBUG
            SecretWatch.note(value)
        #endif
    }

    public init(stringLiteral value: String) { self.init(value) }

    /// Hands the text to `body`, for as long as it runs.
    public func reveal<Result>(_ body: (String) throws -> Result) rethrows -> Result { try body(value) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
