import Foundation
import TestSupport
import Testing

/// The compiler's answers to words of other caches, in a program that imports the library as it was built.
@Suite("Words of other caches")
struct FamiliarWordsTests {
    private static let questions = [
        ("try await UserCache(1).delete()", "'delete()' has been renamed to 'clear()'"),
        ("try await UserCache(1).invalidate()", "'invalidate()' has been renamed to 'clear()'"),
        ("try await UserCache(1).put(3)", "'put(_:ttl:)' has been renamed to 'set(_:ttl:)'"),
        (
            "_ = try await UserCache(1).getOrSet { 3 }",
            "'getOrSet(ttl:_:)' has been renamed to 'fetch(ttl:unless:_:)'"
        ),
        ("try await UserCache(1).expire(.forever)", "'expire' has been renamed to 'touch(ttl:)'"),
        ("try await UserCache(1).persist()", "'persist()' is unavailable: Use touch(ttl: .forever)."),
        ("try await UserCache.mget([1, 2])", "'mget' has been renamed to 'getMany(_:on:)'"),
        ("try await UserCache.deleteMany([1, 2])", "'deleteMany' has been renamed to 'clearMany(_:on:)'"),
        ("try await Scores(1).put(1, 2)", "'put(_:_:ttl:)' has been renamed to 'set(_:to:ttl:)'"),
        ("try await Scores(1).removeAll()", "'removeAll()' has been renamed to 'clear()'"),
        ("try await Tags(1).add(3)", "'add(_:ttl:)' has been renamed to 'insert(_:ttl:)'"),
        ("await CachePool.shared.shutdown()", "'shutdown()' has been renamed to 'close(deadline:)'"),
        // A class's own method of such a name is called, and so is a real one.
        ("OwnCache(1).delete()", nil),
        ("_ = try await Tags(1).remove(3)", nil),
    ]

    @Test("The compiler answers each with the word that is used here, and a class may have them as its own")
    func answers() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "words-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = Self.questions.map { "    \($0.0)" }.joined(separator: "\n")
        try """
        func ask() async throws {
        \(lines)
        }
        import Caches
        final class UserCache: Cache<Int>, @unchecked Sendable {}
        final class OwnCache: Cache<Int>, @unchecked Sendable { func delete() {} }
        final class Scores: DictCache<Int, Int>, @unchecked Sendable {}
        final class Tags: SetCache<Int>, @unchecked Sendable {}

        """.write(to: folder.appending(path: "words.swift"), atomically: true, encoding: .utf8)

        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let modules = ["CHiredis", "COpenSSL", "CLinux", "CSwiftTask"].map {
            sources.appending(path: $0).path
        }
        let compiler = try await Program.run(
            [
                "swiftc", "-typecheck", "-swift-version", "6", "-parse-as-library", "-diagnostic-style",
                "llvm",
                "-I", try builtModules.path,
            ] + modules.flatMap { ["-I", $0] } + ["words.swift"], in: folder)
        for (index, question) in Self.questions.enumerated() {
            let answers = compiler.output.split(separator: "\n")
                .filter { $0.contains("words.swift:\(index + 2):") && $0.contains(": error: ") }
                .map { String($0[($0.range(of: ": error: ")!.upperBound)...]) }
            #expect(answers == (question.1.map { [$0] } ?? []), "\(question.0): \(compiler.output)")
        }
    }

    /// The modules lie beside the tests.
    private var builtModules: URL {
        get throws {
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
            let tests = try #require(bundle?.bundleURL ?? Bundle.main.executableURL)
            return tests.deletingLastPathComponent().appending(path: "Modules")
        }
    }
}
