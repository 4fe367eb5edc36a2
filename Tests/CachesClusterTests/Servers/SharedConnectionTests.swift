import CachesTesting
import CachesTransport
import Foundation
import Testing

@testable import CachesCluster

/// Commands that would spoil the connection that all tasks share are refused by name.
@Suite("Commands that a shared connection can't carry")
struct SharedConnectionTests {
    @Test(
        "Commands that a shared connection can't carry are refused in any case, with advice, and not sent"
    )
    func refused() async throws {
        let commands: [[String]] = [
            ["MULTI"], ["multi"], ["EXEC"], ["Discard"], ["WATCH", "k"], ["UNWATCH"], ["SUBSCRIBE", "c"],
            ["psubscribe", "c*"], ["SSUBSCRIBE", "c"], ["MONITOR"], ["SELECT", "1"], ["select", "0"],
            ["RESET"],
            ["QUIT"], ["AUTH", "secret"], ["HELLO", "3"], ["CLIENT", "REPLY", "OFF"],
            ["client", "reply", "skip"],
            ["READONLY"], ["ASKING"], ["SYNC"], ["BLPOP", "k", "0"], ["brpop", "k", "0"], ["WAIT", "1", "0"],
            ["XREAD", "BLOCK", "0", "STREAMS", "s", "$"], ["bzpopmin", "k", "0"], [""],
        ]
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                for words in commands {
                    let error = await #expect(throws: CachesError.self, "\(words)") {
                        switch words.count {
                        case 1: try await node.send(words[0])
                        case 2: try await node.send(words[0], words[1])
                        case 3: try await node.send(words[0], words[1], words[2])
                        default:
                            try await node.send(words[0], words[1], words[2], words[3], words[4], words[5])
                        }
                    }
                    #expect(error?.code == .invalidArgument, "\(words)")
                    #expect(error?.advice != nil)
                    #expect(words[0].isEmpty || error?.message.contains(words[0].uppercased()) == true)
                    #expect(error.map { !"\($0)".contains("secret") } == true)
                }
                #expect(node.counters.connections == 0)
                #expect(try await node.send("CLIENT", "GETNAME").text?.hasPrefix("caches") == true)
                #expect(try await node.send("XREAD", "STREAMS", "s", "0") == .null)
            }
        }
    }

    @Test("A database of one server under two names is listed once, and cleared once")
    func twice() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let port = fleet.servers[0].port!
            let dsns = [
                "redis://127.0.0.1:\(port)/0#a", "redis://localhost:\(port)/0#b",
                "redis://127.0.0.1:\(port)/1#c", fleet.dsns[1],
            ]
            try await withPool(dsns) { pool in
                for number in 0..<10 {
                    _ = try await pool.nodes(connection: "a")[0].send("SET", "user.\(number)", "v")
                    _ = try await pool.nodes(connection: "c")[0].send("SET", "other.\(number)", "v")
                }
                var keys: [String] = []
                for try await key in pool.keys() { keys.append(key) }
                #expect(keys.sorted() == ((0..<10).map { "other.\($0)" } + (0..<10).map { "user.\($0)" }))
                #expect(try await pool.clear(matching: "*").get() == 20)
            }
        }
    }

    @Test("A call without a descriptor is an error, and calls work once there are some")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            var none = limit
            // Open connections stay open, and no new ones are opened.
            none.rlim_cur = 0
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none) == 0)
            let pool = try CachePool(["redis://127.0.0.1:1#a"])
            let error = await #expect(throws: CachesError.self) { try await pool.nodes[0].send("PING") }
            #expect(error?.code == .unreachable)
            await pool.close()
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            try await withLocalFleet(nodes: 1) { fleet in
                try await withPool(fleet.dsns) { pool in
                    let reply = try await pool.nodes[0].send("PING")
                    #expect(reply == .status("PONG"))
                }
            }
        }
    }
}
