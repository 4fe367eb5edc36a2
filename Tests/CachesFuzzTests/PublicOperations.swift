import Foundation

/// The operations that the sources declare as public: those that a user calls and a server answers.
struct PublicOperations {
    /// `Type.name(labels)`, in the order of their names, as often as there are overloads.
    private(set) var names: [String] = []

    /// Reads all sources of some folders of `Sources`.
    ///
    /// - Parameter types: The types whose operations count; nil for all.
    mutating func read(_ folder: String, types: Set<String>? = nil) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/\(folder)")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            read(text: try String(contentsOf: file, encoding: .utf8), types: types)
        }
        names.sort()
    }

    /// Reads one source, as it is formatted here: members of types stand four columns in.
    mutating func read(text: String, types: Set<String>? = nil) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.drop { $0 == " " }.hasPrefix("//") ? "" : String($0)
        }
        var type = ""
        for (index, line) in lines.enumerated() {
            if line.first.map({ $0 != " " && $0 != "}" }) ?? false,
                let match = line.prefixMatch(of: /(?:@\w+ )?(?:\w+ )*?(?:class|struct|enum|extension) (\w+)/)
            {
                type = String(match.1)
            }
            // An unavailable declaration is only for the compiler's answer.
            if index > 0, lines[index - 1].contains("@available(*, unavailable") { continue }
            guard types?.contains(type) ?? true, line.hasPrefix("    "), line.contains("public "),
                let match = line.prefixMatch(
                    of: /\ {4}(?:@\w+ )*public (?:(?:final|static|mutating) )*(func|var|subscript) ?(\w*)/)
            else { continue }
            let declaration = Declaration(lines[index...].prefix(30).joined(separator: "\n"))
            guard declaration.asksServers || type == "Batch" else { continue }
            let name = match.1 == "subscript" ? "subscript" : String(match.2)
            names.append("\(type).\(name)" + (match.1 == "var" ? "" : "(\(declaration.labels))"))
        }
    }
}

/// A declaration up to its body.
private struct Declaration {
    private var signature = ""
    private var body = ""

    init(_ text: String) {
        var depth = 0
        for index in text.indices {
            switch text[index] {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0:
                signature = String(text[..<index])
                body = String(text[index...].prefix(100))
                return
            default: break
            }
        }
    }

    /// Whether it waits for servers, or returns something that does.
    var asksServers: Bool {
        let result = signature.drop { $0 != ")" }
        return result.contains(" async") || body.contains(/^\{\s*get async/)
            || [
                "ScanSequence", "SortedSetSequence", "KeySequence", "-> CachedFunction", "-> CacheOperation<",
            ].contains {
                signature.contains($0)
            } && !signature.contains("public func batchSize") && !signature.contains("func offset")
                && !signature.contains("func limit")
                && !signature.contains("func operation<") && !signature.contains("func map<")
    }

    /// The labels of the arguments, each with its colon.
    var labels: String {
        guard let start = signature.firstIndex(of: "(") else { return "" }
        var (depth, part, parts) = (0, "", [String]())
        loop: for character in signature[signature.index(after: start)...] {
            switch character {
            case ")" where depth == 0: break loop
            case "," where depth == 0:
                parts.append(part)
                part = ""
                continue loop
            case "(", "[", "<": depth += 1
            case ")", "]": depth -= 1
            // The arrow of a function's type is not a bracket.
            case ">" where part.last != "-": depth -= 1
            default: break
            }
            part.append(character)
        }
        parts.append(part)
        return parts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
            .map { $0.prefix { $0 != ":" && $0 != " " } + ":" }.joined()
    }
}
