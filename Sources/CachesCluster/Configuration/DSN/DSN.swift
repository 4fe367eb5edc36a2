/// The parts of `scheme://[user[:password]@]host[:port][,host[:port]…][/path][?query][#fragment]`, not
/// decoded yet.
///
/// Special characters are only allowed in their places: an `@` ends the user information and occurs once. So
/// a password with an unescaped `/`, `?`, `#` or `@` is detected, rather than cut in two.
struct DSN {
    /// In lower case.
    var scheme: String
    var userInformation: ArraySlice<UInt8>?
    /// The host and the port, or several.
    var address: ArraySlice<UInt8>
    /// With its leading slash, or empty.
    var path: ArraySlice<UInt8>
    var query: ArraySlice<UInt8>?
    var fragment: ArraySlice<UInt8>?

    static let form = "scheme://[user:password@]host[:port][/database][?options][#name]"

    /// Splits a text; throws if it is no DSN.
    init(_ text: String) throws(ConfigurationFault) {
        if let position = text.positionOfBlank {
            throw ConfigurationFault(
                "character \(position) of the DSN is a space or a control character.",
                advice: "Remove it, or percent-encode it where it is meant: a space is %20.")
        }
        let separator = Array("://".utf8)
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: separator),
            colon > 0, bytes[..<colon].allSatisfy(Self.isAllowedInScheme)
        else {
            throw ConfigurationFault(
                "this is not a DSN: it doesn't begin with a scheme such as redis://.",
                advice: "Write \(Self.form).")
        }
        scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()

        var rest = bytes[(colon + separator.count)...]
        let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        guard rest.lastIndex(of: UInt8(ascii: "@")) == authority.firstIndex(of: UInt8(ascii: "@")) else {
            throw ConfigurationFault(
                "an '@' is in the wrong place: after the host, or a second time.",
                advice: "In a user name or a password percent-encode '@' as %40, '/' as %2F, '?' as %3F, "
                    + "'#' as %23, ':' as %3A and '%' as %25; elsewhere '@' as %40.")
        }
        if let at = authority.firstIndex(of: UInt8(ascii: "@")) {
            userInformation = authority[..<at]
            address = authority[(at + 1)...]
        } else {
            address = authority
        }

        rest = rest[end...]
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            fragment = rest[(hash + 1)...]
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = rest[(mark + 1)...]
            rest = rest[..<mark]
        }
        path = rest
    }

    /// RFC 3986, section 3.1, and `_`, which occurs in names of classes.
    static func isAllowedInScheme(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || "+-._".utf8.contains(byte)
    }
}
