import Testing

@testable import CachesTesting

@Suite("The playback of a script")
struct ScriptPlaybackTests {
    typealias Action = ScriptPlayback.Action

    struct Case: Sendable {
        var script: ScriptedServer.Script
        /// The packets that come, and the actions after each, up to the one that waits or ends.
        var packets: [(String, [Action])]
    }

    static let ok = Action.send(Array("+OK\r\n".utf8))
    static let x = Action.send(Array("x".utf8))

    static let cases = [
        Case(script: [], packets: [("", [.wait]), ("anything", [.wait])]),
        Case(script: [.send("x"), .close], packets: [("", [x, .close])]),
        Case(script: [.receive, .send("x")], packets: [("", [.wait]), ("a", [x, .wait]), ("b", [.wait])]),
        Case(script: [.receive, .receive, .reset], packets: [("a", [.wait]), ("b", [.reset])]),
        Case(
            script: [.receiveCommand, .send("x")],
            packets: [("*1\r\n$4\r\nPI", [.wait]), ("NG\r", [.wait]), ("\n", [x, .wait])]),
        Case(
            script: [.answerUntil("GET"), .send("x"), .close],
            packets: [
                ("*2\r\n$6\r\nselect\r\n$1\r\n1\r\n*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nget", [ok, ok, .wait]),
                ("\r\n$1\r\nk\r\n", [x, .close]),
            ]),
        Case(
            script: [.receiveCommand, .send("x"), .receiveCommand, .close],
            packets: [("*1\r\n$0\r\n\r\n*1\r\n$1\r\n\n\r\n", [x, .close])]),
        // Not a command: waits for one that never comes.
        Case(script: [.receiveCommand, .close], packets: [("GET / HTTP/1.1\r\n\r\n", [.wait])]),
        Case(script: [.receiveCommand, .close], packets: [("*1\r\n$-4\r\nPING\r\n", [.wait])]),
        Case(
            script: [.receiveCommand, .close], packets: [("*9999999999999999999\r\n$4\r\nPING\r\n", [.wait])]),
    ]

    @Test("The playback of a script acts on the bytes that have come", arguments: cases)
    func plays(row: Case) {
        var playback = ScriptPlayback(row.script)
        for (packet, expected) in row.packets {
            playback.received(Array(packet.utf8))
            var actions: [Action] = []
            repeat { actions.append(playback.next()) } while ![.wait, .close, .reset].contains(actions.last)
            #expect(actions == expected, "after \(packet)")
        }
    }
}
