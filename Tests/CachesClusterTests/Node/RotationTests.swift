import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct RotationTests {
    @Test("It is watched once, looked at in turn, and a late answer changes nothing")
    func looks() {
        var rotation = Rotation<Int>()
        #expect(rotation.due() == nil)
        #expect(rotation.opened() == true)
        #expect(rotation.opened() == false)
        #expect(rotation.due() == 1)
        #expect(rotation.due() == nil)
        #expect(rotation.looked(1, mustReplace: false) == .rest)
        #expect(rotation.looked(1, mustReplace: true) == .nothing)
        #expect(rotation.due() == 2)
        #expect(rotation.looked(1, mustReplace: true) == .nothing)
        #expect(rotation.looked(2, mustReplace: true) == .awaitTurn)
    }

    @Test("One replacement follows a change, whether it opens or not, and then the next look")
    func replacement() {
        var rotation = Rotation<Int>()
        rotation.turn { 1 }
        #expect(rotation.ended(1) == nil)
        _ = rotation.opened()
        #expect(rotation.due() == 1)
        #expect(rotation.looked(1, mustReplace: true) == .awaitTurn)
        rotation.turn { 7 }
        rotation.turn { 8 }
        #expect(rotation.due() == nil)
        #expect(rotation.ended(8) == nil)
        #expect(rotation.ended(7) == 7)
        #expect(rotation.ended(7) == nil)
        #expect(rotation.due() == 2)
    }

    @Test("Closing gives back the connection that was being opened, and ends everything that follows")
    func closing() {
        var rotation = Rotation<Int>()
        _ = rotation.opened()
        _ = rotation.looked(rotation.due()!, mustReplace: true)
        rotation.turn { 7 }
        #expect(rotation.close() == 7)
        #expect(rotation.close() == nil)
        #expect(rotation.ended(7) == nil)
        #expect(rotation.due() == nil)
        #expect(rotation.opened() == false)
    }

    @Test("A fault is reported once until it is another one, or has gone")
    func reports() {
        var rotation = Rotation<Int>()
        #expect(rotation.report(nil) == false)
        var news: [Bool] = []
        for fault in ["a", "a", "b"] { news.append(rotation.report(fault)) }
        #expect(news == [true, false, true])
        #expect(rotation.report(nil) == false)
        #expect(rotation.report("b") == true)
    }

    @Test("Another connection takes the place of one that is up, and of no other")
    func replacing() {
        var machine = NodeStateMachine<Int>()
        let first = machine.nextNumber()
        #expect(machine.replace(with: first) == first)
        _ = machine.wanted { $0 }
        let early = machine.nextNumber()
        #expect(machine.replace(with: early) == early)
        _ = machine.opened(2, now: .now)
        #expect(machine.replace(with: early) == 2)
        #expect(machine.current == early)
        _ = machine.close()
        let late = machine.nextNumber()
        #expect(machine.replace(with: late) == late)
    }
}
