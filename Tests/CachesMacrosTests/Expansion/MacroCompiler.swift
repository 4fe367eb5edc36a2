import Foundation
import TestSupport
import Testing

/// The real compiler with the built plugin: the errors and notes that users see.
///
/// The usual approach, linking the plugin into the tests, would build swift-syntax and all other targets
/// twice.
struct MacroCompiler {
    /// All output of the compiler.
    let output: String

    /// Checks the types of a source, after some declarations like those of the library.
    static func check(_ source: String, _ options: String...) async throws -> MacroCompiler {
        let folder = FileManager.default.temporaryDirectory.appending(path: "macros-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try declarations.write(to: folder.appending(path: "caches.swift"), atomically: true, encoding: .utf8)
        try source.write(to: folder.appending(path: "test.swift"), atomically: true, encoding: .utf8)
        let plugin = try Self.plugin.path + "#CachesMacrosPlugin"
        let words = [
            "swiftc", "-typecheck", "-swift-version", "6", "-parse-as-library", "-module-name", "Caches",
            "-diagnostic-style", "llvm", "-load-plugin-executable", plugin, "caches.swift", "test.swift",
        ]
        return MacroCompiler(output: try await Program.run(words + options, in: folder).output)
    }

    /// `line:column: error: message` of each error in the source, in order.
    var errors: [String] { messages("error") }

    /// `line:column: note: message` of each note in the source, in order.
    var notes: [String] { messages("note") }

    private func messages(_ kind: String) -> [String] {
        output.split(separator: "\n").filter { $0.hasPrefix("test.swift:") && $0.contains(": \(kind): ") }
            .map { String($0.dropFirst("test.swift:".count)).replacing(" (from macro 'Cached')", with: "") }
    }

    /// The bodies that the macro has made, in order, without the braces around.
    var expansions: [String] {
        output.components(separatedBy: "------------------------------\n").dropFirst()
            .filter { $0.hasPrefix("{\n") }
            .map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
            .map { $0.dropFirst().prefix { $0 != "}" }.joined(separator: "\n") + "\n}" }
    }

    /// The plugin lies beside the tests.
    private static var plugin: URL {
        get throws {
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
            let tests = try #require(bundle?.bundleURL ?? Bundle.main.executableURL)
            let plugin = tests.deletingLastPathComponent().appending(path: "CachesMacrosPlugin-tool")
            try #require(FileManager.default.isExecutableFile(atPath: plugin.path), "no \(plugin.path)")
            return plugin
        }
    }

    /// The declarations that expansions use. The library itself would need its C modules here.
    private static let declarations = """
        protocol KeyPart { var keyPart: String { get } }
        extension Int: KeyPart { var keyPart: String { description } }
        extension String: KeyPart { var keyPart: String { self } }
        struct CacheKey { static func part(_ part: some KeyPart) -> String { part.keyPart } }
        struct TTL { static func seconds(_ count: Double) -> TTL { TTL() } }
        class Cache<Value> {
            init(key: Int) {}
            convenience init<each Part: KeyPart>(
                _ part: repeat each Part, prefix: String? = nil, ttl: TTL? = nil
            ) { self.init(key: 0) }
            nonisolated(nonsending) func fetch(
                unless: (Value) -> Bool = { _ in false },
                _ compute: nonisolated(nonsending) () async throws -> Value
            ) async throws -> Value { try await compute() }
        }
        @attached(body) macro Cached<Value>(
            _ cache: Cache<Value>.Type, key: StaticString? = nil, prefix: String? = nil, ttl: TTL? = nil,
            unless: ((Value) -> Bool)? = nil
        ) = #externalMacro(module: "CachesMacrosPlugin", type: "CachedMacro")
        final class IntCache: Cache<Int> {}
        struct User { var id = 0 }
        """
}
