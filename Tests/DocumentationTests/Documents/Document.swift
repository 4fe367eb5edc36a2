import Foundation
import Testing

/// A file of the repository that is written for people, and the parts of it that can be checked.
struct Document {
    let text: String

    /// The repository's folder.
    static let root = URL(filePath: #filePath)  // Tests/DocumentationTests/Documents/Document.swift
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Reads a file by its path in the repository.
    init(_ path: String) throws {
        text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// The contents of the fenced code blocks in a language.
    func blocks(_ language: String) -> [String] {
        text.components(separatedBy: "\n```\(language)\n").dropFirst()
            .map { $0.components(separatedBy: "\n```\n")[0] + "\n" }
    }

    /// The rows of every table whose first title is `title`, without titles and rule.
    func tableRows(_ title: String) -> [String] {
        let lines = text.components(separatedBy: "\n")
        return lines.indices.filter { lines[$0].hasPrefix("| \(title) |") }
            .flatMap { lines[($0 + 2)...].prefix { $0.hasPrefix("|") } }
    }
}
