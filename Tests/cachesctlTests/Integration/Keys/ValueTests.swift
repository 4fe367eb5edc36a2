import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl get`, set, del and ttl, on real servers")
struct ValueTests {
    @Test("A value that is set is read back, byte for byte, from the node that owns the key")
    func bytes() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let value = (0...255).map { UInt8($0) } + Array("\r\n".utf8)
            let set = try await fleet.tool("set", "picture.7", "-", input: value)
            #expect(set.status == 0)
            #expect(set.output.wholeMatch(of: /picture\.7: 258 bytes on redis\d, for ever\n/) != nil)
            #expect(try await fleet.tool("get", "picture.7").outputBytes == value)
            #expect(try await fleet.size == 1)

            let dash = try await fleet.tool("set", "n", "--", "-1")
            #expect(dash.status == 0)
            #expect(try await fleet.tool("get", "n").output == "-1")
            #expect(
                try await fleet.tool("get", "n", "picture.7").outputBytes == Array("-1\n".utf8) + value + [10]
            )
            #expect(try await fleet.tool("set", "empty", "-").status == 0)
            let empty = try await fleet.tool("get", "empty")
            #expect(empty.status == 0 && empty.output == "")
        }
    }

    @Test("An argument that is not text is refused, and nothing is stored")
    func noText() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            // printf makes the byte, which no String of this process can hold.
            let run = Process()
            run.executableURL = URL(filePath: "/bin/sh")
            run.arguments = ["-c", "\"$0\" set k \"$(printf 'a\\377')\"", try ToolRun.tool.path]
            run.environment = fleet.environment
            let errors = Pipe()
            run.standardError = errors
            try run.run()
            let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            run.waitUntilExit()
            #expect(run.terminationStatus == 64)
            #expect(text.hasPrefix("Error: Argument 3 is not UTF-8 text."), "\(text)")
            #expect(try await fleet.size == 0)
            #expect(try await fleet.tool("set", "k", "\u{FFFD}").status == 0)
        }
    }

    #if os(Linux)
        @Test(
            "Output that a full disk doesn't take is a failure",
            arguments: [
                ["ping", "--json"], ["doctor", "--json"], ["where", "k"], ["del", "k"], ["get", "k"],
            ])
        func fullDisk(arguments: [String]) async throws {
            try await withLocalFleet(nodes: 1) { fleet in
                _ = try await fleet.tool("set", "k", "v")
                let run = Process()
                run.executableURL = try ToolRun.tool
                run.arguments = arguments
                run.environment = fleet.environment
                run.standardOutput = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
                let errors = Pipe()
                run.standardError = errors
                try run.run()
                let text = String(
                    decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
                run.waitUntilExit()
                #expect(run.terminationStatus == 1)
                #expect(text == "error: Standard output can't be written: No space left on device.\n")
            }
        }
    #endif

    @Test("A missing key is reported on standard error, with exit code 1, and the others are printed")
    func missing() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            _ = try await fleet.tool("set", "here", "value")
            for command in ["get", "ttl", "explain"] {
                let result = try await fleet.tool(command, "gone", "here")
                #expect(result.status == 1, "\(command)")
                #expect(result.output.contains(command == "get" ? "value\n" : "here"), "\(command)")
                let complaint = command == "explain" ? "" : "error: There is nothing at the key gone.\n"
                let hint = "A class may keep its keys on one server or group by its name: --on looks there.\n"
                #expect(result.errors == complaint + hint, "\(command)")
                let named = try await fleet.tool(command, "gone", "--on", fleet.servers[0].name)
                #expect(named.status == 1 && named.errors == complaint, "\(command)")
            }
            let removal = try await fleet.tool("del", "gone", "here")
            #expect(removal.status == 0 && removal.errors == "")
            #expect(removal.output == "1 of 2 keys removed\n")
            #expect(try await fleet.tool("del", "--json", "here").output == "{\"failed\":0,\"removed\":0}\n")
        }
    }

    @Test("A ttl is set with the value, changed, ended and read")
    func ttl() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let set = try await fleet.tool("set", "k", "v", "--ttl", "2h")
            #expect(set.output.hasSuffix(", for 2h\n"))
            let read = try await fleet.tool("ttl", "k")
            #expect(read.lines.count == 2)
            #expect(
                read.lines[1].wholeMatch(of: /k    (1 h 59 min|2 h)/) != nil || read.lines[1].hasSuffix("2 h")
            )

            let changed = try await fleet.tool("ttl", "--set", "1d", "--json", "k", "gone")
            #expect(changed.status == 1)
            let objects = try changed.jsonLines
            #expect(objects[0]["state"] as? String == "expires")
            #expect((80_000_000...86_400_000).contains(try #require(objects[0]["milliseconds"] as? Int)))
            #expect(objects[1]["state"] as? String == "missing" && objects[1]["milliseconds"] is NSNull)
            #expect(try await fleet.tool("ttl", "--forever", "k").lines[1].hasSuffix("forever"))

            _ = try await fleet.tool("set", "k", "v", "--ttl", "1h")
            _ = try await fleet.tool("set", "k", "w")
            #expect(try await fleet.tool("ttl", "k").lines[1].hasSuffix("forever"))
        }
    }

    @Test("Collections are printed as tables, and up to the limit")
    func collections() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            for words in [
                ["HSET", "h", "name", "Ada", "esc", "\u{1B}[31m"], ["RPUSH", "l", "a", "b"],
                ["SADD", "s", "a"], ["ZADD", "z", "1.5", "al", "-inf", "bo", "+inf", "cy"],
                ["XADD", "x", "*", "a", "1"],
            ] {
                try await server.command(words)
            }
            let hash = try await fleet.tool("get", "h")
            #expect(hash.status == 0)
            #expect(hash.lines.prefix(2) == ["h: hash of 2 fields", "field  value"])
            #expect(Set(hash.lines.dropFirst(2)) == ["name   Ada", "esc    \u{FFFD}[31m"])
            #expect(
                try await fleet.tool("get", "z").lines == [
                    "z: sorted set of 3 elements", "score  element", " -inf  bo", "  1.5  al", "  inf  cy",
                ])
            let several = try await fleet.tool("get", "l", "s")
            #expect(
                several.lines == [
                    "l: list of 2 elements", "index  element", "    0  a", "    1  b",
                    "s: set of 1 element", "element", "a",
                ])
            let stream = try await fleet.tool("get", "x")
            #expect(stream.status == 1)
            #expect(stream.errors.contains("type stream"))

            try await server.command("EVAL", "for i = 1, 5000 do redis.call('HSET', 'big', i, i) end", "0")
            for (command, key) in [("SADD", "bigset"), ("RPUSH", "biglist")] {
                try await server.command(
                    "EVAL", "for i = 1, 5000 do redis.call('\(command)', '\(key)', i) end", "0")
            }
            for key in ["big", "bigset", "biglist"] {
                let some = try await fleet.tool("get", "--limit", "10", key)
                #expect(some.status == 0)
                #expect(some.lines.count == 12, "\(key)")
                #expect(some.errors == "\(key): 10 of 5 000 elements shown; --limit shows more.\n")
            }
        }
    }

    @Test("JSON has an object for each key, with base64 for bytes that are not text")
    func json() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("SET", "text", "a\"b\n")
            try await server.command("EVAL", "redis.call('SET', 'bytes', '\\255')", "0")
            try await server.command("ZADD", "z", "1.5", "al", "inf", "bo")
            try await server.command("HSET", "h", "f", "v")
            let result = try await fleet.tool("get", "--json", "text", "bytes", "z", "h", "gone")
            #expect(result.status == 1)
            let objects = try result.jsonLines
            #expect(objects.map { $0["type"] as? String } == ["string", "string", "zset", "hash", "none"])
            #expect(objects.map { $0["count"] as? Int } == [1, 1, 2, 1, 0])
            #expect(objects[0]["value"] as? String == "a\"b\n")
            #expect(objects[1]["value"] as? [String: String] == ["base64": "/w=="])
            let items = try #require(objects[2]["value"] as? [[String: Any]])
            #expect(items.map { $0["element"] as? String } == ["al", "bo"])
            #expect(items[0]["score"] as? Double == 1.5 && items[1]["score"] as? String == "inf")
            #expect(objects[3]["value"] as? [[String: String]] == [["field": "f", "value": "v"]])
            #expect(objects[4]["value"] is NSNull && objects[4]["key"] as? String == "gone")
        }
    }

    @Test("`--on` takes a server or a group; an unknown name is a usage error")
    func connection() async throws {
        try await withLocalFleet([.init(name: "main"), .init(name: "g/a"), .init(name: "g/b")]) { fleet in
            for key in (0..<8).map({ "k\($0)" }) {
                _ = try await fleet.tool("set", "--on", "main", key, "main")
                _ = try await fleet.tool("set", "--on", "g", key, "group")
                #expect(try await fleet.tool("get", "--on", "main", key).output == "main")
                #expect(try await fleet.tool("get", "--on", "g", key).output == "group")
            }
            #expect(try await fleet.servers[0].command("DBSIZE").integer == 8)
            let unknown = try await fleet.tool("get", "--on", "mian", "k1")
            #expect(unknown.status == 64)
            #expect(unknown.errors.contains("mian") && unknown.errors.contains("Did you mean main?"))
        }
    }

    @Test("A server that is down fails its keys, once, and the other keys are answered")
    func down() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let keys = (0..<20).map { "k\($0)" }
            for server in fleet.servers { try await server.command("SET", "k", "v") }
            fleet.servers[0].kill()
            let removal = try await ToolRun(["del"] + keys, environment: fleet.environment).result
            #expect(removal.status == 1)
            #expect(removal.errors.hasPrefix("error: redis1: unreachable: "))
            #expect(removal.errors.split(separator: "\n").count == 1)
            #expect(removal.output == "0 of 20 keys removed\n")
            let times = try await ToolRun(["ttl"] + keys, environment: fleet.environment).result
            #expect(times.status == 1)
            #expect(
                times.lines.contains { $0.hasSuffix("?") } && times.lines.contains { $0.hasSuffix("missing") }
            )
        }
    }

    @Test("A ttl that could not be changed is a failure, reported once, beside the time that is left")
    func refusedTTL() async throws {
        try await withLocalFleet([
            .init(name: "a", access: .user("app", password: "s3cret", rules: "~* +@all -pexpire"))
        ]) { fleet in
            for key in ["k", "l"] { try await fleet.servers[0].command("SET", key, "v") }
            let result = try await ToolRun(
                ["ttl", "--set", "5m", "k", "l"], environment: fleet.environment
            ).result
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("error: a: authentication: "))
            #expect(result.errors.split(separator: "\n").count == 1)
            #expect(result.lines[1...].allSatisfy { $0.hasSuffix("forever") })
            let endless = try await ToolRun(
                ["ttl", "--set", "999999999d", "k"], environment: fleet.environment
            ).result
            #expect(endless.status == 1)
            #expect(endless.errors.contains("can't be kept"))
        }
    }

    @Test("A wrong password is reported as such, and not shown")
    func wrongPassword() async throws {
        try await withLocalFleet([.init(name: "a", access: .password("right"))]) { fleet in
            let dsn = fleet.dsns[0].replacing("right", with: "hunter2")
            for command in [["get", "k"], ["del", "k"], ["scan"], ["clear", "k"], ["explain", "k"]] {
                let result = try await ToolRun(command, environment: ["CACHES_DSN": dsn]).result
                #expect(result.status == 1, "\(command)")
                #expect(result.errors.contains("a: authentication: "), "\(command)")
                #expect(!(result.output + result.errors).contains("hunter2"))
            }
        }
    }

    @Test(
        "Wrong arguments are usage errors, and nothing is sent",
        arguments: [
            ["get"], ["get", ""], ["get", "k", "--on", ""], ["clear", "k", "--on", ""], ["where", ""],
            ["doctor", "--key", ""], ["get", "k", "--limit", "0"], ["set", "k"], ["set", "", "v"],
            ["set", "k", "v", "--ttl", "5x"], ["set", "k", "v", "--ttl", "0"],
            ["set", "k", "v", "--ttl", "s"],
            ["del"], ["ttl", "--set", "1m", "--forever", "k"], ["ttl", "--set", "0", "k"], ["scan", "["],
            ["scan", ""],
            ["scan", "--limit", "0"], ["clear"], ["clear", "a[b-a]"], ["explain", ""],
        ])
    func usage(arguments: [String]) async throws {
        let result = try await ToolRun(arguments, environment: ["CACHES_DSN": "redis://127.0.0.1:1"]).result
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.lowercased().hasPrefix("error: "))
    }
}
