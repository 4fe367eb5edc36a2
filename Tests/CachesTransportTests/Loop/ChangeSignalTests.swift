import Synchronization
import Testing

@testable import CachesTransport

/// A number that tasks wait for.
private final class Number: Sendable {
    private let signal = ChangeSignal()
    private let value = Mutex(0)

    func set(_ new: Int) {
        value.withLock { $0 = new }
        signal.changed()
    }

    func wait(for wanted: Int, _ deadline: Deadline = .after(.seconds(60))) async throws -> Int? {
        try await signal.first(before: deadline, on: EventLoops.forTimers) {
            value.withLock { $0 >= wanted ? $0 : nil }
        }
    }
}

@Suite struct ChangeSignalTests {
    private let number = Number()

    @Test("A change that is there already is found at once, also after the deadline")
    func atOnce() async throws {
        number.set(7)
        #expect(try await number.wait(for: 7, .after(.zero)) == 7)
    }

    @Test("A hundred waiters are each told of the change that they wait for, and none is forgotten")
    func many() async throws {
        let found = try await withThrowingTaskGroup(of: Int?.self) { [number] group in
            for wanted in 1...100 { group.addTask { [number] in try await number.wait(for: wanted) } }
            group.addTask {
                for new in 1...100 {
                    number.set(new)
                    if new % 10 == 0 { await Task.yield() }
                }
                return 0
            }
            return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
        #expect(found == 101)
    }

    @Test("The deadline ends a wait, and cancellation does so at once")
    func ends() async throws {
        #expect(try await number.wait(for: 1, .after(.milliseconds(20))) == nil)
        let task = Task { [number] in try await number.wait(for: 1) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let late = Task { [number] in try await number.wait(for: 1) }
        await Task.yield()
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test("A change that does not concern the waiters sets no timer, so it costs the loop nothing")
    func oneTimer() async throws {
        let loop = EventLoop(name: "test")
        let signal = ChangeSignal()
        let looks = Mutex(0)
        let before = loop.schedule(after: .seconds(60)) {}
        let task = Task {
            try await signal.first(before: .after(.seconds(60)), on: loop) { () -> Int? in
                looks.withLock {
                    $0 += 1
                    return $0 < 1000 ? nil : $0
                }
            }
        }
        while !(looks.withLock { $0 >= 1000 }) {
            signal.changed()
            await Task.yield()
        }
        #expect(try await task.value == 1000)
        let after = loop.schedule(after: .seconds(60)) {}
        #expect(after.identifier - before.identifier == 2)
    }

    @Test("An error of the look ends the wait")
    func failure() async throws {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            _ = try await ChangeSignal().first(before: .after(.seconds(60)), on: EventLoops.forTimers) {
                () -> Int? in
                throw Failure()
            }
        }
    }
}
