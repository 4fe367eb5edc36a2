import Testing

@testable import CachesTesting

@Suite("Lies")
struct LieTests {
    /// A command of each kind of truth.
    static let commands: [HostileServer.Command] = [
        "+OK\r\n", ":42\r\n", "$5\r\nhello\r\n", "$-1\r\n", "*2\r\n$1\r\na\r\n:7\r\n", "*0\r\n",
        "-ERR no\r\n",
    ].map { truth in
        var command = HostileServer.Command(
            words: [Array("get".utf8), Array("key".utf8)], connection: 0, index: 0)
        command.truth = Array(truth.utf8)
        return command
    }

    @Test(
        "Lies are the same for the same seed, and of many kinds for several",
        arguments: HostileServer.Lie.allCases
    )
    func seeds(lie: HostileServer.Lie) {
        var different: Set<HostileServer.Answer> = []
        for command in Self.commands {
            for seed in 0..<50 as Range<UInt64> {
                var (first, second) = (SplitMix64(seed: seed), SplitMix64(seed: seed))
                let answer = lie.answer(to: command, using: &first)
                #expect(answer == lie.answer(to: command, using: &second))
                different.insert(answer)
            }
        }
        // There is one way to be silent, two to end and three to be slow.
        let few: [HostileServer.Lie: Int] = [.silence: 1, .endings: 2, .slowness: 3, .quotation: 1]
        #expect(different.count >= few[lie] ?? 5)
    }

    @Test("Lies quote the words that the client has sent")
    func quotation() {
        var generator = SplitMix64(seed: 1)
        let answer = HostileServer.Lie.quotation.answer(to: Self.commands[0], using: &generator)
        #expect(String(decoding: answer.bytes ?? [], as: UTF8.self).contains("'get' 'key'"))
    }
}
