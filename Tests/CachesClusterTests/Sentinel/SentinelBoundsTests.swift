import Testing

@testable import CachesCluster
@testable import CachesTransport

/// The most that a hostile Sentinel may cost.
@Suite struct SentinelBoundsTests {
    @Test("Messages without end begin some rounds and no more")
    func messages() {
        let sentinels: [Endpoint] = (1...3).map { .tcp(host: "s\($0)", port: 26_379) }
        var machine = SentinelStateMachine(sentinels: sentinels)
        var now = ContinuousClock.now
        _ = machine.handle(.wanted, now: now)
        func rounds(_ count: Int) -> Int {
            (0..<count).count { number in
                let other = Endpoint.tcp(host: "10.0.0.1", port: 1 + number % 60_000)
                return machine.handle(.switched(by: sentinels[0], to: other), now: now).ask != nil
            }
        }
        #expect(rounds(100_000) == SentinelStateMachine.messageBurst)
        now += .seconds(10)
        #expect(rounds(100_000) == 10)
    }

    @Test("An answer that names very many servers is an error that says so")
    func lists() throws {
        func list(_ count: Int) throws -> Reply {
            let text = "*\(count)\r\n" + String(repeating: "*0\r\n", count: count)
            var replies: [Reply] = []
            try Array(text.utf8).withUnsafeBytes { bytes in
                try ReplyReader(maximumReplyBytes: 1 << 20).read(bytes) { replies.append($0) }
            }
            return try #require(replies.first)
        }
        for position in [3, 4] {
            var replies = [Reply](repeating: .null, count: SentinelQuestion.count)
            replies[position] = try list(SentinelQuestion.mostServers)
            #expect(throws: Never.self) { try SentinelQuestion.read(replies) }
            replies[position] = try list(SentinelQuestion.mostServers + 1)
            let error = #expect(throws: CachesError.self) { try SentinelQuestion.read(replies) }
            #expect(error?.code == .protocolViolation)
            #expect(error?.message.contains("256") == true)
        }
    }
}
