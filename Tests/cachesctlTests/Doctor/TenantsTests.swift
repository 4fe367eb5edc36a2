import CachesCluster
import Foundation
import Testing

@testable import cachesctl

@Suite("The doctor's findings about other users, files and arguments")
struct TenantsTests {
    @Test("Other users that may write keys that begin with caches: are named")
    func tenants() {
        let list = [
            "user default on nopass sanitize-payload ~* &* +@all",
            "user app on #1 ~user.* ~caches:* resetchannels -@all +get",
            "user off off ~* +@all", "user narrow on #1 ~tenant:* +@all", "user reader on #1 %R~* +@read",
            "user writer on #1 %W~c* +@write", "user both on #1 %RW~caches:gutter:* +@all -@dangerous",
            "user exact on #1 ~caches ~c +@all", "user none on #1 resetkeys +@all",
            "user all on #1 allkeys allcommands -acl", "user operator on #1 ~* -@all +@all",
            "user anybody on nopass ~* +@all",
            "user picked on #1 resetkeys (~cach?s:* +set)", "user esc\u{1B} on #1 ~[abc]* +set", "noise", "",
        ]
        #expect(
            Tenants.whoMayForge(in: list, besides: "app")
                == ["default", "writer", "both", "all", "anybody", "picked", "esc\u{FFFD}"])
    }

    @Test("They are a warning, with the rule that helps")
    func finding() throws {
        var node = NodeExamination(NodeReport(try NodeConfiguration(dsn: "redis://h#a")), time: 0)
        node.permissions.method = .dryRun
        node.tenants = ["default"]
        node.openFiles = ["/run/secrets/p"]
        let findings = node.findings
        #expect(findings.map(\.severity) == [.warning, .warning])
        #expect(findings[0].message.contains("caches:") && findings[0].message.contains("default"))
        #expect(findings[0].advice.contains("ACL SETUSER default resetkeys"))
        #expect(findings[1].message.contains("/run/secrets/p"))
        #expect(findings[1].advice == "chmod o-rwx /run/secrets/p")
        node.tenants = []
        node.openFiles = []
        #expect(node.findings == [])
    }

    @Test("Files of passwords and keys that every user can read are found")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "caches-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var paths: [String] = []
        for (name, mode) in [("password", 0o644), ("key", 0o640), ("phrase", 0o604), ("sentinel", 0o600)] {
            let file = folder.appending(path: name)
            try Data("x".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path())
            paths.append(file.path())
        }
        let node = try NodeConfiguration(
            dsn:
                "rediss+sentinel://s/m?password-file=\(paths[0])&cert=/c&key=\(paths[1])&key-password-file=\(paths[2])"
                + "&sentinel-password-file=\(paths[3])#a")
        #expect(SecretFiles.all(of: node) == [paths[0], paths[1], paths[2], paths[3]])
        #expect(SecretFiles.readableByAll(SecretFiles.all(of: node) + ["/no/such"]) == [paths[0], paths[2]])
    }

    @Test("A password among the arguments gives a warning, and is never shown")
    func arguments() throws {
        func warning(_ dsn: String) throws -> String? {
            DSNArgument.warning([try NodeConfiguration(dsn: dsn)], option: "--from")
        }
        for dsn in ["redis://:Xyzzy@h", "redis+sentinel://s/m?sentinel-password=Xyzzy"] {
            let text = try #require(try warning(dsn))
            #expect(text.contains("--from") && text.contains("password-file") && !text.contains("Xyzzy"))
        }
        #expect(try warning("redis://h") == nil)
        #expect(try warning("redis://app:@h?password-file=/p") == nil)
    }
}
