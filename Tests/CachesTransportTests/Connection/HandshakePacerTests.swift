import Testing

@testable import CachesTransport

@Suite struct HandshakePacerTests {
    @Test("A burst goes at once, and later handshakes at the rate")
    func burst() {
        var pacer = HandshakePacer(perSecond: 100, burst: 3)
        let waits = (0..<6).map { _ in pacer.wait(now: 1000, atMost: .never) }
        #expect(waits == [0, 0, 0, 10, 20, 30])
    }

    @Test("Time that passes is given back, to no more than a burst")
    func refills() {
        var pacer = HandshakePacer(perSecond: 100, burst: 3)
        for _ in 0..<3 { _ = pacer.wait(now: 1000, atMost: .never) }
        #expect((0..<3).map { _ in pacer.wait(now: 1020, atMost: .never) } == [0, 0, 10])
        #expect((0..<5).map { _ in pacer.wait(now: 9000, atMost: .never) } == [0, 0, 0, 10, 20])
    }

    @Test("A handshake that would come too late takes no turn from later ones")
    func tooLate() {
        var pacer = HandshakePacer(perSecond: 100, burst: 1)
        #expect(pacer.wait(now: 1000, atMost: .never) == 0)
        for _ in 0..<1000 { #expect(pacer.wait(now: 1000, atMost: Deadline(milliseconds: 1010)) == nil) }
        #expect(pacer.wait(now: 1000, atMost: Deadline(milliseconds: 1011)) == 10)
        #expect(pacer.wait(now: 2000, atMost: Deadline(milliseconds: 0)) == 0)
    }

    @Test("Over any second no more begin than the rate and one burst")
    func bound() {
        var pacer = HandshakePacer(perSecond: 100, burst: 100)
        var starts: [Int64] = []
        for now in stride(from: Int64(0), to: 5000, by: 3) {
            if let wait = pacer.wait(now: now, atMost: .never) { starts.append(now + wait) }
        }
        for start in stride(from: Int64(0), to: 5000, by: 100) {
            #expect(starts.count { start..<start + 1000 ~= $0 } <= 201)
        }
    }
}
