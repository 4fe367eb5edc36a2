import Testing

@testable import CachesTransport

@Suite struct ConnectionStateMachineTests {
    typealias Machine = ConnectionStateMachine<Int>

    private func machine(bytes: Int = 1000, commands: Int = 10, isOpen: Bool = true) -> Machine {
        var machine = Machine(maximumBytes: bytes, maximumCommands: commands)
        if isOpen {
            machine.opened(now: 0)
            #expect(machine.releaseDuty() == .nothing)
        }
        return machine
    }

    private func complete(_ machine: inout Machine, _ replies: Int) -> (
        served: [Int?], left: Int, wasAsked: Bool
    ) {
        var left = replies
        var completed: [(waiter: Int?, replies: Int)] = []
        let wasAsked = machine.complete(&left, bytes: replies, now: 0, into: &completed)
        return (completed.map(\.waiter), left, wasAsked)
    }

    private func expired(_ machine: inout Machine, now: Int64) -> [Int] {
        machine.expire(now: now, minimumAge: 5) { _ in false }.map(\.waiter)
    }

    // MARK: The queue

    @Test("Replies belong to the calls in their order")
    func repliesBelongToTheCallsInTheirOrder() {
        var machine = machine()
        for waiter in 1...3 { _ = machine.enqueue(waiter, replies: 1, bytes: 10, now: 0, deadline: 100) }
        #expect(complete(&machine, 2).served == [1, 2])
        #expect(machine.endedTogether == 2)
        #expect(complete(&machine, 1).served == [3])
        #expect(machine.endedTogether == 1)
        #expect(machine.waiting == 0)
        #expect(machine.bytesInFlight == 0)
        #expect(machine.commandsInFlight == 0)
    }

    @Test("A call of several commands is served when all its replies are there")
    func aCallOfSeveralCommandsIsServedWhenAllItsRepliesAreThere() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 3, bytes: 10, now: 0, deadline: 100)
        _ = machine.enqueue(2, replies: 1, bytes: 10, now: 0, deadline: 100)
        let first = complete(&machine, 2)
        #expect(first.served == [] && first.left == 2 && first.wasAsked)
        let second = complete(&machine, 2 + 2)
        #expect(second.served == [1, 2] && second.left == 0)
    }

    @Test("The reply of a caller that left is dropped in its turn")
    func theReplyOfACallerWhoLeftIsDroppedInItsTurn() {
        var machine = machine()
        for waiter in 1...3 { _ = machine.enqueue(waiter, replies: 1, bytes: 1, now: 0, deadline: 100) }
        let departed = machine.expire(now: 10, minimumAge: 5) { $0 == 2 }
        #expect(departed.map(\.waiter) == [2])
        #expect(departed.map(\.departure) == [.cancelled])
        #expect(complete(&machine, 3).served == [1, nil, 3])
    }

    @Test("A reply that nobody asked for is noticed")
    func aReplyThatNobodyAskedForIsNoticed() {
        var machine = machine()
        #expect(!complete(&machine, 1).wasAsked)
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 100)
        #expect(!complete(&machine, 2).wasAsked)
    }

    @Test("A waiter leaves when its deadline has passed and only once")
    func aWaiterLeavesWhenItsDeadlineHasPassedAndOnlyOnce() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 50)
        _ = machine.enqueue(2, replies: 1, bytes: 1, now: 0, deadline: 20)
        #expect(expired(&machine, now: 19) == [])
        let departed = machine.expire(now: 20, minimumAge: 5) { _ in false }
        #expect(departed.map(\.waiter) == [2])
        #expect(departed.map(\.departure) == [.deadlinePassed])
        #expect(expired(&machine, now: 30) == [])
        #expect(expired(&machine, now: 50) == [1])
        #expect(machine.close() == [nil, nil])
    }

    @Test("Young entries are not looked at")
    func youngEntriesAreNotLookedAt() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 1)
        _ = machine.enqueue(2, replies: 1, bytes: 1, now: 8, deadline: 9)
        var asked: [Int] = []
        let departed = machine.expire(now: 10, minimumAge: 5) {
            asked.append($0)
            return true
        }
        #expect(departed.map(\.waiter) == [1])
        #expect(asked.isEmpty)
    }

    // MARK: Limits

    @Test("Calls are refused past the limits and taken again below them")
    func callsAreRefusedPastTheLimitsAndTakenAgainBelowThem() {
        var machine = machine(bytes: 100, commands: 3)
        _ = machine.enqueue(1, replies: 1, bytes: 99, now: 0, deadline: 9)
        #expect(machine.refusal(of: 1) == nil)
        _ = machine.enqueue(2, replies: 1, bytes: 50, now: 0, deadline: 9)
        #expect(machine.refusal(of: 1) == .tooManyBytes)
        _ = complete(&machine, 1)
        #expect(machine.refusal(of: 2) == nil)
        #expect(machine.refusal(of: 3) == .tooManyCommands)
    }

    @Test("A call larger than the limits is taken when nothing else waits")
    func aCallLargerThanTheLimitsIsTakenWhenNothingElseWaits() {
        var machine = machine(bytes: 100, commands: 3)
        #expect(machine.refusal(of: 1000) == nil)
        _ = machine.enqueue(1, replies: 1000, bytes: 10_000, now: 0, deadline: 9)
        #expect(machine.refusal(of: 1) == .tooManyBytes)
    }

    @Test("Abandoned calls count until their replies have come")
    func abandonedCallsCountUntilTheirRepliesHaveCome() {
        var machine = machine(commands: 2)
        _ = machine.enqueue(1, replies: 2, bytes: 1, now: 0, deadline: 1)
        let departed = machine.expire(now: 10, minimumAge: 5) { _ in false }
        #expect(departed.count == 1)
        #expect(machine.refusal(of: 1) == .tooManyCommands)
        _ = complete(&machine, 2)
        #expect(machine.refusal(of: 1) == nil)
    }

    // MARK: Signs of life

    @Test("A sign of life passes every bound")
    func aSignOfLifePassesEveryBound() {
        var machine = machine(bytes: 100, commands: 3)
        _ = machine.enqueue(1, replies: 3, bytes: 1000, now: 0, deadline: 9)
        #expect(machine.refusal(of: 1) == .tooManyBytes)
        #expect(!machine.refusesSignOfLife)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        #expect(complete(&machine, 4).served == [1, 2])
        _ = machine.drain()
        #expect(machine.refusesSignOfLife)
    }

    /// Looks every 5 ms, as the loop does, and returns when the sign of life was given up.
    private func silence(
        _ machine: inout Machine, from start: Int64 = 0, until end: Int64,
        _ each: (inout Machine, Int64) -> Int? = { _, _ in nil }
    ) -> Int64? {
        for now in stride(from: start, through: end, by: 5) {
            let unsent = each(&machine, now)
            let gone = machine.expire(now: now, minimumAge: 2, unsent: unsent) { _ in false }
            if gone.contains(where: { $0.waiter == 2 }) { return now }
        }
        return nil
    }

    @Test("A sign of life is silent when nothing moves for its patience")
    func aSignOfLifeIsSilentWhenNothingMovesForItsPatience() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: .max)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        #expect(silence(&machine, until: 10_000) == 300)
        // Its reply, when it comes, is dropped in its turn.
        #expect(complete(&machine, 2).served == [1, nil])
    }

    @Test(
        "A sign of life waits on while enough bytes move", arguments: [(100, false), (16, false), (2, true)])
    func aSignOfLifeWaitsOnWhileEnoughBytesMove(kilobytesASecond: Int, isSilent: Bool) {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: .max)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        let end = silence(&machine, until: 10_000) { machine, now in
            machine.progressed(now: now, bytes: kilobytesASecond * 1024 * 5 / 1000 + 1)
            return nil
        }
        #expect((end != nil) == isSilent)
    }

    @Test("A trickle of two bytes a second is not life")
    func aTrickleOfTwoBytesASecondIsNoLife() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: .max)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        let end = silence(&machine, until: 10_000) { machine, now in
            if now % 500 == 0 { machine.progressed(now: now, bytes: 1) }
            return nil
        }
        #expect(end == 300)
    }

    @Test("Bytes that the peer's system acknowledges move as well")
    func whatThePeersSystemAcknowledgesMovesAsWell() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 4_000_000, now: 0, deadline: .max)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        // 1 MB/s out of the system's buffer, for four seconds; then other buffers empty for as long as that
        // took.
        let end = silence(&machine, until: 20_000) { _, now in max(0, 4_000_000 - Int(now) * 1000) }
        #expect((7_500...9_000).contains(end ?? 0))
    }

    @Test("After a short burst it is silent soon")
    func afterAShortBurstItIsSilentSoon() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: .max)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        let end = silence(&machine, until: 10_000) { machine, now in
            if now == 100 { machine.progressed(now: now, bytes: 1 << 20) }
            return nil
        }
        #expect(end == 600)
    }

    @Test("The wait after bytes has a limit")
    func theWaitAfterBytesHasALimit() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: .max)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        let end = silence(&machine, until: 60_000) { machine, now in
            if now < 30_000 { machine.progressed(now: now, bytes: 1000) }
            return nil
        }
        #expect((35_000...35_600).contains(end ?? 0))
    }

    @Test("Calls that are answered before it are life")
    func callsThatAreAnsweredBeforeItAreLife() {
        var machine = machine(commands: 100)
        for waiter in 10..<60 {
            _ = machine.enqueue(waiter, replies: 1, bytes: 1, now: 0, deadline: .max)
        }
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        let end = silence(&machine, until: 10_000) { machine, now in
            var (replies, completed) = (1, [(waiter: Int?, replies: Int)]())
            if now % 250 == 0, now > 0 {
                _ = machine.complete(&replies, bytes: 5, now: now, into: &completed)
            }
            return nil
        }
        #expect(end == nil)
    }

    @Test("While it opens a sign of life has the time of the opening")
    func whileItOpensASignOfLifeHasTheOpeningsTime() {
        var machine = machine(isOpen: false)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 0, patience: 300, limit: 5000)
        #expect(silence(&machine, until: 1900) == nil)
        machine.opened(now: 1900)
        #expect(silence(&machine, from: 1900, until: 5000) == 2200)
    }

    @Test("A former sign of life leaves as well")
    func aFormerSignOfLifeLeavesAsWell() {
        var machine = machine()
        _ = machine.enqueueSignOfLife(1, bytes: 14, now: 0, patience: 300, limit: 5000)
        _ = machine.enqueueSignOfLife(2, bytes: 14, now: 100, patience: 300, limit: 5000)
        #expect(expired(&machine, now: 399) == [])
        #expect(Set(expired(&machine, now: 400) + expired(&machine, now: 700)) == [1, 2])
    }

    // MARK: The use of a connection

    @Test("Signs of life do not count as use")
    func signsOfLifeAreNoUse() {
        var machine = machine()
        _ = machine.enqueueSignOfLife(1, bytes: 14, now: 0, patience: 300, limit: 5000)
        _ = complete(&machine, 1)
        #expect(!machine.wasOfUse)
        _ = machine.enqueue(2, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = complete(&machine, 1)
        #expect(machine.wasOfUse)
        _ = machine.close()
        #expect(machine.wasOfUse)
    }

    @Test("Large commands are suspects until they are answered")
    func largeCommandsAreSuspectsUntilTheyAreAnswered() {
        var machine = machine(bytes: 1 << 30, commands: 100)
        for waiter in 1...4 {
            _ = machine.enqueue(waiter, replies: 1, bytes: 2 << 20, now: 0, deadline: 99)
            if waiter % 2 == 0 { machine.noteLarge() }
        }
        #expect(machine.suspects == [1, 3])
        _ = complete(&machine, 2)
        #expect(machine.suspects == [1])
        _ = complete(&machine, 2)
        #expect(machine.suspects == [])
    }

    // MARK: The duty

    @Test("The first sender gets the duty and others don't")
    func theFirstSenderGetsTheDutyAndOthersDoNot() {
        var machine = machine()
        #expect(machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9) == true)
        #expect(machine.enqueue(2, replies: 1, bytes: 1, now: 0, deadline: 9) == false)
        #expect(machine.releaseDuty() == .nothing)
        #expect(machine.enqueue(3, replies: 1, bytes: 1, now: 0, deadline: 9) == true)
    }

    @Test("A full socket leaves the duty to the writable event")
    func aFullSocketLeavesTheDutyToTheWritableEvent() {
        var machine = machine()
        #expect(machine.writable() == false)
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        #expect(machine.writable() == false)
        #expect(machine.block() == .nothing)
        #expect(machine.enqueue(2, replies: 1, bytes: 1, now: 0, deadline: 9) == false)
        #expect(machine.takeDuty() == false)
        #expect(machine.writable() == true)
        #expect(machine.writable() == false)
    }

    @Test("The flusher takes up the duty that it was handed")
    func theFlusherTakesUpWhatItWasHanded() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        #expect(machine.takeUp() == false)
        #expect(machine.handOver(now: 0) == .nothing)
        #expect(machine.enqueue(2, replies: 1, bytes: 1, now: 0, deadline: 9) == false)
        #expect(machine.takeUp() == true)
        #expect(machine.takeUp() == false)
    }

    @Test("The loop rescues a duty that the flusher doesn't take up")
    func theLoopRescuesADutyThatTheFlusherDoesNotTakeUp() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 100, deadline: 999)
        #expect(machine.handOver(now: 100) == .nothing)
        #expect(machine.rescue(now: 104, limit: 5) == false)
        #expect(machine.rescue(now: 105, limit: 5) == true)
        #expect(machine.takeUp() == false)
        #expect(machine.releaseDuty() == .nothing)
    }

    @Test("A duty handed over after the end is let go")
    func aDutyHandedOverAfterTheEndIsLetGo() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = machine.close()
        _ = machine.loopDidRelease()
        #expect(machine.handOver(now: 0) == .closeDescriptor)
    }

    @Test("A connection that ends before the flusher runs is closed by the loop")
    func aConnectionThatEndsBeforeTheFlusherRunsIsClosedByTheLoop() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = machine.handOver(now: 0)
        _ = machine.close()
        #expect(machine.takeUp() == false)
        #expect(machine.loopDidRelease() == .closeDescriptor)
    }

    @Test("While it opens commands wait for the opener")
    func whileItOpensCommandsWaitForTheOpener() {
        var machine = machine(isOpen: false)
        #expect(machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9) == false)
        #expect(machine.writable() == false)
        machine.opened(now: 0)
        #expect(machine.duty == .held)
        #expect(machine.releaseDuty() == .nothing)
    }

    // MARK: The end

    @Test("Closing returns the waiters once")
    func closingReturnsThoseWhoWaitOnce() {
        var machine = machine()
        for waiter in 1...3 { _ = machine.enqueue(waiter, replies: 1, bytes: 1, now: 0, deadline: 9) }
        _ = machine.expire(now: 10, minimumAge: 5) { $0 == 2 }
        #expect(machine.close() == [nil, nil, nil])
        #expect(machine.close() == nil)
        #expect(machine.refusal(of: 1) == .closed)
        #expect(machine.takeDuty() == false)
    }

    @Test("Closing returns waiters that are still there")
    func closingReturnsWaitersThatAreStillThere() {
        var machine = machine()
        for waiter in 1...3 { _ = machine.enqueue(waiter, replies: 1, bytes: 1, now: 0, deadline: 99) }
        _ = machine.expire(now: 10, minimumAge: 5) { $0 == 2 }
        #expect(machine.close() == [1, nil, 3])
    }

    @Test("The loop closes the descriptor if nobody sends")
    func theLoopClosesTheDescriptorIfNobodySends() {
        var machine = machine()
        _ = machine.close()
        #expect(machine.loopDidRelease() == .closeDescriptor)
    }

    @Test("The sender closes the descriptor if it leaves last")
    func theSenderClosesTheDescriptorIfItLeavesLast() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = machine.close()
        #expect(machine.loopDidRelease() == .nothing)
        #expect(machine.releaseDuty() == .closeDescriptor)
    }

    @Test("The loop closes the descriptor if the sender left before it")
    func theLoopClosesTheDescriptorIfTheSenderLeftBeforeIt() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = machine.close()
        #expect(machine.releaseDuty() == .nothing)
        #expect(machine.loopDidRelease() == .closeDescriptor)
    }

    @Test("Blocking after the end lets go")
    func blockingAfterTheEndLetsGo() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = machine.close()
        _ = machine.loopDidRelease()
        #expect(machine.block() == .closeDescriptor)
    }

    @Test("A blocked connection that ends is closed by the loop")
    func aBlockedConnectionThatEndsIsClosedByTheLoop() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        _ = machine.block()
        _ = machine.close()
        #expect(machine.writable() == false)
        #expect(machine.loopDidRelease() == .closeDescriptor)
    }

    @Test("Draining lets waiting calls end")
    func drainingLetsWhatWaitsEnd() {
        var machine = machine()
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        #expect(machine.drain() == false)
        #expect(machine.refusal(of: 1) == .closed)
        #expect(!machine.isDrained)
        #expect(complete(&machine, 1).served == [1])
        #expect(machine.isDrained)
    }

    @Test("An opening connection drains when it is open")
    func anOpeningConnectionDrainsWhenItIsOpen() {
        var machine = machine(isOpen: false)
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 0, deadline: 9)
        #expect(machine.drain() == false)
        #expect(machine.refusal(of: 1) == .closed)
        machine.opened(now: 0)
        #expect(machine.phase == .draining)
        #expect(machine.releaseDuty() == .nothing)
        #expect(complete(&machine, 1).served == [1])
        #expect(machine.isDrained)
    }

    @Test("An opening connection without waiters needs no draining")
    func anOpeningConnectionThatNobodyWaitsForNeedsNoDraining() {
        var machine = machine(isOpen: false)
        #expect(machine.drain() == true)
    }

    // MARK: Stalling

    @Test("It stalls when replies are due and nothing comes")
    func itStallsWhenRepliesAreDueAndNothingComes() {
        var machine = machine()
        #expect(!machine.isStalled(now: 1_000_000, limit: 100))
        _ = machine.enqueue(1, replies: 1, bytes: 1, now: 1_000_000, deadline: .max)
        #expect(!machine.isStalled(now: 1_000_100, limit: 100))
        #expect(machine.isStalled(now: 1_000_101, limit: 100))
        machine.progressed(now: 1_000_101)
        #expect(!machine.isStalled(now: 1_000_150, limit: 100))
    }

    // MARK: Anything, in any order

    /// Random events against a model: each waiter leaves exactly once, and replies go to whoever asked.
    @Test("Every waiter leaves exactly once in any order of events", arguments: 0..<50)
    func everyWaiterLeavesExactlyOnceInAnyOrderOfEvents(_ seed: UInt64) {
        var random = Seeded(state: seed)
        var machine = machine(bytes: 500, commands: 40)
        var model: [(waiter: Int, replies: Int)] = []
        var left: Set<Int> = []
        var next = 0
        var unassigned = 0
        for now in 0..<Int64(2000) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let replies = Int.random(in: 1...3, using: &random)
                guard machine.refusal(of: replies) == nil else { break }
                let duty = machine.enqueue(
                    next, replies: replies, bytes: Int.random(in: 1...50, using: &random), now: now,
                    deadline: now + Int64.random(in: 1...200, using: &random))
                if duty { #expect(machine.releaseDuty() == .nothing) }
                model.append((next, replies))
                next += 1
            case 4..<8:
                let expected = model.map(\.replies).reduce(0, +) - unassigned
                unassigned += Int.random(in: 0...min(4, expected), using: &random)
                var completed: [(waiter: Int?, replies: Int)] = []
                #expect(machine.complete(&unassigned, bytes: 1, now: now, into: &completed))
                for (waiter, replies) in completed {
                    let front = model.removeFirst()
                    #expect(front.replies == replies)
                    #expect(waiter == (left.contains(front.waiter) ? nil : front.waiter))
                    left.insert(front.waiter)
                }
            default:
                for (waiter, _) in machine.expire(now: now, minimumAge: 5, isCancelled: { $0 % 7 == 0 }) {
                    #expect(left.insert(waiter).inserted)
                }
            }
        }
        for waiter in (machine.close() ?? []).compactMap(\.self) { #expect(left.insert(waiter).inserted) }
        #expect(left == Set(0..<next))
    }
}

/// SplitMix64, so that a failing seed can be run again.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
