import CachesTransport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Values as JSON for programs. The keys of objects are in alphabetical order.
public enum JSONText {
    /// One value over several lines.
    public static func pretty(_ value: some Encodable) throws -> String { try text(value, [.prettyPrinted]) }

    /// One value on a line of its own.
    public static func line(_ value: some Encodable) throws -> String { try text(value, []) }

    private static func text(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// JSON with the same meaning, with unprintable characters escaped like `\u202E`: it is printed on
    /// terminals, too. Between its strings there are line feeds alone.
    public static func escaped(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: { !$0.isShown && $0 != "\n" }) else { return json }
        var escaped = ""
        for scalar in json.unicodeScalars {
            guard !scalar.isShown, scalar != "\n" else {
                escaped.unicodeScalars.append(scalar)
                continue
            }
            for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                escaped +=
                    "\\u" + String(repeating: "0", count: 4 - String(unit, radix: 16).count)
                    + String(unit, radix: 16)
            }
        }
        return escaped
    }
}
