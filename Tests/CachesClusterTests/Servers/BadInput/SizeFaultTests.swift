import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// Keys and values that no server takes.
@Suite struct SizeFaultTests {
    @Test("A key or a value of more than 512 MiB is refused before anything of it is sent")
    func tooLarge() async throws {
        let huge = [UInt8](repeating: 0x78, count: 512 << 20 + 1)
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                for (words, expected) in [
                    (["GET", nil], "key"), (["SET", "key", nil], "value"), (["SET", nil, "value"], "key"),
                ] as [([String?], String)] {
                    let error = await #expect(throws: CachesError.self) {
                        try await node.send(idempotent: true, deadline: .after(.seconds(20))) { command in
                            command.begin(words.count)
                            for word in words {
                                if let word { command.argument(word) } else { command.argument(huge) }
                            }
                        }
                    }
                    #expect(error?.code == .tooLarge)
                    #expect(error?.node == node.name)
                    #expect(error?.message.contains("\(huge.count)") == true)
                    #expect(error?.message.contains(expected) == true)
                    #expect(error?.advice != nil)
                    #expect("\(error!)".utf8.count < 1000)
                    // The same connection goes on.
                    #expect(try await node.send("ECHO", "next").text == "next")
                }
                let error = await #expect(throws: CachesError.self) {
                    try await node.pipeline(2, deadline: .after(.seconds(20))) { command in
                        command.begin(2)
                        command.argument("INCR")
                        command.argument("counter")
                        command.begin(2)
                        command.argument("GET")
                        command.argument(huge)
                    }
                }
                #expect(error?.code == .tooLarge)
                // Not even the pipeline's first command.
                #expect(try await node.send("EXISTS", "counter") == .integer(0))
            }
            let statistics = try await fleet.servers[0].command("INFO", "stats").text ?? ""
            let line = statistics.split(whereSeparator: \.isNewline).first {
                $0.hasPrefix("total_net_input_bytes:")
            }
            let received = line.flatMap { Int($0.drop { $0 != ":" }.dropFirst()) }
            #expect(try #require(received) < 1 << 20)
        }
    }
}
