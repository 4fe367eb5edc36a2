import Foundation
import Testing

@Suite("`dev/floors`")
struct FloorsTests {
    /// A checkout in miniature: a package of two targets, the upper one of three folders.
    private struct House {
        let root: URL

        init() throws {
            root = FileManager.default.temporaryDirectory.appending(path: "floors-\(UUID().uuidString)")
            try write(
                "Package.swift",
                """
                let package = Package(
                    targets: [
                        .target(name: "Ground"),
                        .target(name: "Upper", dependencies: ["Ground"]),
                    ])
                """)
            try write(
                "README.md",
                """
                ## The house

                    Sources/
                      Ground/           what all use
                      Upper/            what is built on it
                          Low Middle High
                    Tests/              a folder a target
                """)
            try write("Sources/Ground/Ground.swift", "public struct Ground { public func lie() {} }")
            try write("Sources/Upper/Low/Node.swift", "public final class Node { func rest() {} }")
            try write(
                "Sources/Upper/Middle/Cluster.swift",
                """
                import Ground
                final class Cluster { let node = Node(); func ask() { node.rest() } }
                extension Node { func redirect() {} }
                """)
            try write("Sources/Upper/High/Pool.swift", "struct Pool { let cluster: Cluster; let node: Node }")
        }

        func write(_ path: String, _ text: String) throws {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }

        /// Runs the check, and removes the house.
        func check() async throws -> Verdict {
            defer { try? FileManager.default.removeItem(at: root) }
            return try await Verdict(of: root)
        }
    }

    /// The output of the check for a checkout.
    private struct Verdict {
        let code: Int32
        let output: String

        init(of root: URL, _ options: String...) async throws {
            // A file, as a pipe is open for as long as any other process has inherited it.
            let said = root.appendingPathExtension("said")
            try Data().write(to: said)
            defer { try? FileManager.default.removeItem(at: said) }
            let handle = try FileHandle(forWritingTo: said)
            defer { try? handle.close() }
            let process = Process()
            process.executableURL = Document.root.appending(path: "dev/floors")
            process.arguments = options + [root.path]
            process.standardInput = FileHandle.nullDevice
            (process.standardOutput, process.standardError) = (handle, handle)
            let (ends, continuation) = AsyncStream<Void>.makeStream()
            process.terminationHandler = { _ in continuation.finish() }
            try process.run()
            for await _ in ends {}
            output = try String(contentsOf: said, encoding: .utf8)
            code = process.terminationStatus
        }

        func tells(_ line: String) -> Bool { output.contains("floors: \(line)\n") }
    }

    @Test("A house in order passes, and its matrix shows the uses")
    func order() async throws {
        let verdict = try await House().check()
        #expect(verdict.code == 0, "\(verdict.output)")
        #expect(verdict.output.contains("  Middle      3      \\      .\n"), "\(verdict.output)")
        #expect(verdict.tells("2 targets, 3 folders, no arrow upwards"), "\(verdict.output)")
    }

    @Test("A type, a member and an extension's member of a folder above are found, with file and line")
    func arrows() async throws {
        let house = try House()
        try house.write(
            "Sources/Upper/Low/Call.swift",
            """
            struct Call {
                let node: Node
                func send() { node.redirect() }
            }
            extension Node {
                func retry() { redirect() }
                var text: String { "asks \\(Cluster.self)" }
                func wait(_ other: Call) { other.any.ask() }
            }
            """)
        let verdict = try await house.check()
        #expect(verdict.code == 1)
        let file = "Sources/Upper/Low/Call.swift"
        #expect(
            verdict.tells("\(file):3: Low uses .redirect of Middle, which is above it."), "\(verdict.output)")
        #expect(
            verdict.tells("\(file):6: Low uses redirect of Middle, which is above it."), "\(verdict.output)")
        #expect(
            verdict.tells("\(file):7: Low uses Cluster of Middle, which is above it."), "\(verdict.output)")
        #expect(verdict.tells("\(file):8: Low uses .ask of Middle, which is above it."), "\(verdict.output)")
    }

    @Test(
        "A type that is imported by its kind is not declared there, and its module is in Package.swift")
    func importsOfOneType() async throws {
        let house = try House()
        try house.write("Sources/Upper/Exports.swift", "@_exported public import struct Ground.Ground")
        try house.write("Sources/Upper/Low/Lying.swift", "import Ground\nfunc lying(_ ground: Ground) {}")
        try house.write("Sources/Ground/Up.swift", "import class Upper.Node")
        let verdict = try await house.check()
        #expect(!verdict.output.contains("Low uses"), "\(verdict.output)")
        #expect(
            verdict.tells(
                "Sources/Ground/Up.swift:1: Ground imports Upper, which Package.swift does not give it."))
    }

    @Test("Comments, texts, names that are its own and private names of others are not uses")
    func noArrows() async throws {
        let house = try House()
        try house.write(
            "Sources/Upper/Low/Names.swift",
            #"""
            /// As ``Cluster`` does. /* Cluster */
            struct Names {
                /* Cluster /* inside */ Cluster */
                let text = "Cluster \"Cluster\" // Cluster"
                let raw = #"Cluster \("Cluster") "# + """
                    Cluster "Cluster"
                    """
                private struct Pool { var ask = 0 }
                private let pool = Pool()
                func take(redirect: Int) -> Int { pool.ask + redirect }
                struct Hidden { func lie() {} }
            }
            """#)
        try house.write(
            "Sources/Upper/High/Own.swift",
            "private struct Names2 {}\nextension Node { private func doze() {} }")
        try house.write(
            "Sources/Upper/Low/Sleep.swift", "struct Sleep { func doze() {}; func go() { doze() } }")
        let verdict = try await house.check()
        #expect(verdict.code == 0, "\(verdict.output)")
    }

    @Test("Targets out of order, folders that are not listed and imports that are not given are found")
    func targets() async throws {
        let house = try House()
        try house.write(
            "Package.swift",
            """
            let package = Package(
                targets: [
                    .target(name: "Upper", dependencies: ["Ground"]),
                    .target(name: "Ground"),
                ])
            """)
        try house.write("Sources/Upper/Attic/Box.swift", "struct Box {}")
        try house.write("Sources/Ground/Wrong.swift", "import Upper")
        let verdict = try await house.check()
        #expect(verdict.code == 1)
        #expect(
            verdict.tells("Package.swift: Upper uses Ground, which stands after it."), "\(verdict.output)")
        #expect(
            verdict.tells(#""The house" in README.md does not list the folder Upper/Attic."#),
            "\(verdict.output)")
        #expect(
            verdict.tells(
                "Sources/Ground/Wrong.swift:1: Ground imports Upper, which Package.swift does not give it."),
            "\(verdict.output)")
    }

    @Test("An arrow that is planted in this house is found, and no other")
    func planted() async throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: "floors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: copy) }
        for name in ["Package.swift", "README.md", "Sources"] {
            try FileManager.default.copyItem(
                at: Document.root.appending(path: name), to: copy.appending(path: name))
        }
        let file = "Sources/CachesCluster/Node/Planted.swift"
        let text = "extension Node {\n    func plant(_ pool: CachePool) { _ = self.knownPrimary }\n}\n"
        try Data(text.utf8).write(to: copy.appending(path: file))
        let verdict = try await Verdict(of: copy, "--quiet")
        #expect(verdict.code == 1)
        #expect(
            verdict.output == """
                floors: \(file):2: Node uses CachePool of Pool, which is above it.
                floors: \(file):2: Node uses knownPrimary of Sentinel, which is above it.

                """)
    }
}
