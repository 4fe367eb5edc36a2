import CachesCluster
import Foundation
import Testing

struct ReadmeTests {
    private let readme: Document

    init() throws { readme = try Document("README.md") }

    @Test("Every Swift block is a file in Blocks, which the compiler has seen, and none is left out")
    func blocks() throws {
        let folder = Document.root.appending(path: "Tests/DocumentationTests/Blocks")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let compiled = try Set(files.map { try String(contentsOf: $0, encoding: .utf8) })
        let shown = Set(readme.blocks("swift"))
        #expect(!shown.isEmpty)
        #expect(shown.subtracting(compiled).isEmpty, "blocks of README.md that are no file")
        #expect(compiled.subtracting(shown).isEmpty, "files that are no block of README.md")
    }

    @Test("The table of DSN options is the code's")
    func dsnOptions() {
        #expect(readme.tableRows("DSN option") == DSNOption.all.map(row))
    }

    @Test("The table of pool options is the code's")
    func poolOptions() {
        #expect(readme.tableRows("pool option") == PoolOption.all.map(row))
    }

    @Test("Every command that is shown exists and can be run")
    func commands() throws {
        let commands = readme.text.matches(of: /\.\/(dev\/[a-z]+|\.ci\/run)/).map { String($0.1) }
        #expect(
            Set(commands) == [
                "dev/bench", "dev/chaos", "dev/demo", "dev/floors", "dev/format", "dev/fuzz", "dev/imports",
                "dev/peers", "dev/setup", "dev/test",
            ])
        for command in commands {
            #expect(FileManager.default.isExecutableFile(atPath: Document.root.appending(path: command).path))
        }
    }

    @Test("The layout names every folder of sources")
    func layout() throws {
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: Document.root.appending(path: "Sources").path)
        for folder in sources { #expect(readme.text.contains("  \(folder)/"), "\(folder)") }
    }

    private func row<Settings>(_ option: ConfigurationOption<Settings>) -> String {
        let name = "`\(option.name)`" + (option.alias.map { ", `\($0)`" } ?? "")
        // The forms of times and bytes are described once, below the table.
        let values = option.values.prefix { $0 != ":" }
        return "| \(name) | \(option.meaning) | \(values) | \(option.defaultValue) |"
    }
}
