import CachesTesting
import Foundation

/// The ACL user that `Config/production-redis.conf` recommends, for keys of any name: tests have many
/// prefixes.
enum LeastPrivilege {
    /// A user with its commands. The tests of the classes that run as this user show that they need no
    /// others.
    static let access: LocalServer.Access = {
        let root = URL(filePath: #filePath)  // Tests/CachesTests/Servers/LeastPrivilege.swift
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Config/production-redis.conf")
        guard let text = try? String(contentsOf: file, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("user app ") })
        else { preconditionFailure("\(file.path) has no line for the user app") }
        let commands = line.split(separator: " ").filter { $0.hasPrefix("+") }
        return .user("app", password: "Xyzzy-1905", rules: "~* " + commands.joined(separator: " "))
    }()
}
