import Testing

@testable import CachesCluster

/// The turns, as a reference: expectations can't change values.
private final class Turns {
    var machine: BulkTurnsStateMachine

    init(_ limits: BulkLimits) { machine = BulkTurnsStateMachine(limits) }

    func request(_ piece: BulkPiece, _ ticket: UInt64) -> Bool { machine.request(piece, ticket) }
    func giveBack(_ piece: BulkPiece) -> [UInt64] { machine.giveBack(piece) }
    func leave(_ ticket: UInt64) -> (waited: Bool, next: [UInt64]) { machine.leave(ticket) }
}

@Suite("Turns of bulk calls on a connection, as values")
struct BulkTurnsStateMachineTests {
    private let limits = BulkLimits(maximumBytes: 64 << 20, maximumCommands: 1 << 17)
    private let piece = BulkPiece(commands: 100, bytes: 10_000)

    @Test("A few pieces go at once, others in the order in which they came")
    func order() {
        let turns = Turns(limits)
        for ticket in 1...4 { #expect(turns.request(piece, UInt64(ticket))) }
        for ticket in 5...7 { #expect(!turns.request(piece, UInt64(ticket))) }
        #expect(turns.machine.count == 4 && turns.machine.queued == 3)
        #expect(turns.giveBack(piece) == [5])
        #expect(turns.giveBack(piece) == [6])
        for left in [[7], [], [], [], []] as [[UInt64]] { #expect(turns.giveBack(piece) == left) }
        #expect(turns.machine.count == 0 && turns.machine.inFlight == BulkPiece(commands: 0, bytes: 0))
    }

    @Test("All pieces together take half of the connection at most; a larger one goes by itself")
    func halves() {
        let turns = Turns(limits)
        let large = BulkPiece(commands: 1, bytes: 20 << 20)
        let huge = BulkPiece(commands: 1, bytes: 100 << 20)
        #expect(turns.request(large, 1))
        #expect(!turns.request(large, 2))
        #expect(!turns.request(huge, 3))
        // A later piece waits even if there is room: otherwise a large piece would wait for ever.
        #expect(!turns.request(piece, 4))
        #expect(turns.giveBack(large) == [2])
        #expect(turns.giveBack(large) == [3])
        #expect(turns.giveBack(huge) == [4])
        #expect(turns.giveBack(piece) == [])
    }

    @Test("A call that gives up makes way for those behind")
    func leaving() {
        let turns = Turns(limits)
        let large = BulkPiece(commands: 1, bytes: 20 << 20)
        #expect(turns.request(large, 1))
        #expect(!turns.request(large, 2))
        #expect(!turns.request(piece, 3))
        #expect(turns.leave(2) == (true, [3]))
        #expect(turns.leave(2) == (false, []))
        #expect(turns.leave(3) == (false, []))
        #expect(turns.giveBack(piece).isEmpty)
        #expect(turns.giveBack(large).isEmpty)
    }

    @Test(
        "Pieces fit small limits, and leave room",
        arguments: [(1, 1), (50, 1024), (7, 100), (131_072, 64 << 20), (1 << 17, 1)])
    func smallLimits(commands: Int, bytes: Int) {
        let limits = BulkLimits(maximumBytes: bytes, maximumCommands: commands)
        #expect(limits.pieceCommands >= 1 && limits.pieceCommands <= max(1, commands / 8))
        #expect(limits.pieceBytes >= 1 && limits.pieceBytes <= max(1, bytes / 8))
        let nothing = BulkPiece(commands: 0, bytes: 0)
        let huge = BulkPiece(commands: 1, bytes: 1 << 30)
        #expect(limits.leavesRoom(huge, inFlight: nothing))
        #expect(limits.admits(huge, beside: nothing, count: 0))
        let full = BulkPiece(commands: commands, bytes: bytes)
        #expect(!limits.leavesRoom(BulkPiece(commands: 1, bytes: 1), inFlight: full))
    }
}

@Suite("The pieces of a bulk call, as values")
struct PieceSizeTests {
    private let limits = BulkLimits(maximumBytes: 64 << 20, maximumCommands: 1 << 17)

    @Test("A piece ends at its count, or at its bytes, and has at least one thing")
    func cutting() {
        let size = PieceSize(limits, first: 100, most: 512)
        #expect(size.cut(0..<1000) { _ in 10 } == (100, 1000))
        #expect(size.cut(0..<7) { _ in 10 } == (7, 70))
        #expect(size.cut(0..<1000) { _ in 40 << 10 } == (3, 120 << 10))
        #expect(size.cut(0..<1000) { _ in 1 << 30 } == (1, 1 << 30))
        #expect(size.cut([1, 1 << 30, 1]) { $0 } == (1, 1))
        #expect(size.cut([Int]()) { $0 } == (0, 0))
    }

    @Test("The size of the last replies decides how many keys come next, and growth is bounded")
    func adapting() {
        var size = PieceSize(limits, first: 128, most: 512)
        size.note(count: 128, replyBytes: 128 << 20)
        #expect(size.cut(0..<1000) { _ in 1 }.count == 1)
        size.note(count: 1, replyBytes: 0)
        #expect(size.cut(0..<1000) { _ in 1 }.count == 4)
        for count in [4, 16, 64, 256] { size.note(count: count, replyBytes: 8 * count) }
        #expect(size.cut(0..<1000) { _ in 1 }.count == 512)
        size.note(count: 512, replyBytes: 512 * 2048)
        #expect(size.cut(0..<1000) { _ in 1 }.count == 64)
    }
}
