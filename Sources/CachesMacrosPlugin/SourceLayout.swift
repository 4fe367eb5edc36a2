import SwiftSyntax
import SwiftSyntaxMacros

/// A place in a file, as compilers count: lines and bytes of a line, from 1.
struct SourcePlace {
    var line: Int
    var column: Int
    let file: ExprSyntax

    /// Where a node begins; nil if that can't be told.
    init?(of node: some SyntaxProtocol, in context: some MacroExpansionContext) {
        guard
            let location = context.location(
                of: node, at: .afterLeadingTrivia, filePathMode: .filePath),
            let line = Int(location.line.description), let column = Int(location.column.description)
        else { return nil }
        self.line = line
        self.column = column
        file = location.file
    }
}

/// Source that is made, whose words stand at the places of those that they come from: what is wrong with them
/// is then reported there.
struct SourceLayout {
    private(set) var text: String
    private var line: Int
    private var column = 1

    /// Begins at the line of a place. nil: places make no difference.
    init(at place: SourcePlace?) {
        text = place.map { "#sourceLocation(file: \($0.file), line: \($0.line))\n" } ?? ""
        line = place?.line ?? .max
    }

    /// Appends words, at a place if that is still to come, or else in its line.
    mutating func append(_ words: String, at place: SourcePlace? = nil) {
        if let place, place.line >= line {
            let breaks = String(repeating: "\n", count: place.line - line)
            if !breaks.isEmpty { (line, column) = (place.line, 1) }
            let spaces = String(repeating: " ", count: max(0, place.column - column))
            text += breaks + spaces
            column += spaces.count
        }
        text += words
        let lines = words.split(separator: "\n", omittingEmptySubsequences: false)
        column = lines.count == 1 ? column + words.utf8.count : lines[lines.count - 1].utf8.count + 1
        line += line == .max ? 0 : lines.count - 1
    }
}
