import CachesTesting
import Foundation
import TestSupport
import Testing

@testable import CachesTransport

/// Deadlines and cancellation: the caller goes at once, and no other call gets its reply.
@Suite struct DeadlineTests {
    @Test(
        "A command that takes too long ends at its deadline and the next one works", arguments: everyTransport
    )
    func aCommandThatTakesTooLongEndsAtItsDeadlineAndTheNextOneWorks(
        _ transport: LocalServer.Transport
    ) async throws {
        try await withServer(LocalServer.Options(name: "main", transport: transport)) { connection, server in
            _ = try await connection.send("PING")
            server.pause()
            let (error, elapsed) = await onLoop {
                let start = ContinuousClock.now
                let error = await #expect(throws: CachesError.self) {
                    try await connection.send("ECHO", "late", deadline: .after(.milliseconds(100)))
                }
                return (error, ContinuousClock.now - start)
            }
            #expect(error?.code == .timeout)
            #expect(error?.node == "main")
            #expect(elapsed >= .milliseconds(90) && elapsed < .seconds(30))
            server.resume()
            // The late reply comes first, and is not taken for the reply to this one.
            #expect(try await connection.send("ECHO", "next").text == "next")
        }
    }

    @Test("A cancelled call ends soon and its neighbours are not touched")
    func aCancelledCallEndsSoonAndItsNeighboursAreNotTouched() async throws {
        try await withServer(LocalServer.Options()) { connection, server in
            _ = try await connection.send("PING")
            server.pause()
            let neighbours = (0..<20).map { index in
                Task { try await connection.send("ECHO", "\(index)").text }
            }
            let victim = Task(executorPreference: EventLoops.forTasks) {
                try await connection.send("ECHO", "victim")
            }
            await connection.waits(for: 21)
            let elapsed = await onLoop {
                let start = ContinuousClock.now
                victim.cancel()
                await #expect(throws: CancellationError.self) { try await victim.value }
                return ContinuousClock.now - start
            }
            // 10 ms is the promise on an idle machine; a loaded one may not run the threads for seconds.
            #expect(elapsed < .seconds(30))
            server.resume()
            for (index, neighbour) in neighbours.enumerated() {
                #expect(try await neighbour.value == "\(index)")
            }
        }
    }

    @Test("A task that was cancelled before sends nothing")
    func aTaskThatWasCancelledBeforeSendsNothing() async throws {
        try await withServer(LocalServer.Options()) { connection, server in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await connection.send("SET", "key", "value")
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let exists = try await connection.send("EXISTS", "key")
            #expect(exists == .integer(0))
        }
    }

    @Test("A deadline that has passed sends nothing")
    func aDeadlineThatHasPassedSendsNothing() async throws {
        try await withServer(LocalServer.Options()) { connection, _ in
            let error = await #expect(throws: CachesError.self) {
                try await connection.send("SET", "key", "value", deadline: Deadline(milliseconds: 0))
            }
            #expect(error?.code == .timeout)
            let exists = try await connection.send("EXISTS", "key")
            #expect(exists == .integer(0))
        }
    }

    @Test("A server that hangs is given up after the stall timeout")
    func aServerThatHangsIsGivenUpAfterTheStallTimeout() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            var configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            configuration.stallTimeout = .seconds(1)
            try await withConnection(configuration) { connection in
                _ = try await connection.send("PING")
                fleet.servers[0].pause()
                let error = await #expect(throws: CachesError.self) { try await connection.send("PING") }
                #expect(error?.code == .unreachable)
            }
        }
    }

    @Test("Past the bounds calls are refused at once and taken again later")
    func pastTheBoundsCallsAreRefusedAtOnceAndTakenAgainLater() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            var configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            configuration.maximumBytesInFlight = 100_000
            try await withConnection(configuration) { connection in
                _ = try await connection.send("PING")
                fleet.servers[0].pause()
                let payload = String(repeating: "x", count: 60_000)
                let waiting = (0..<2).map { index in
                    Task { try await connection.send("SET", "\(index)", payload) }
                }
                await connection.waits(for: 2)
                let error = await #expect(throws: CachesError.self) { try await connection.send("PING") }
                #expect(error?.code == .overloaded)
                #expect(error?.advice?.contains("max-in-flight-bytes") == true)
                fleet.servers[0].resume()
                for task in waiting { #expect(try await task.value == .status("OK")) }
                let pong = try await connection.send("PING")
                #expect(pong == .status("PONG"))
            }
        }
    }

    /// The test of the transport: whatever is cancelled and whatever is late, no call gets the reply of
    /// another.
    @Test(
        "A thousand tasks of a thousand operations never see another's reply",
        arguments: [LocalServer.Transport.tcp, .tls()])
    func aThousandTasksOfAThousandOperationsNeverSeeAnothersReply(
        _ transport: LocalServer.Transport
    ) async throws {
        // Sanitizers make an operation some twenty times as slow: `dev/test` asks for fewer under them.
        let operations =
            ProcessInfo.processInfo.environment["CACHES_TEST_OPERATIONS"].flatMap(Int.init) ?? 1000
        try await withServer(LocalServer.Options(transport: transport)) { connection, server in
            let total = await withTaskGroup(of: Tally.self, returning: Tally.self) { group in
                for number in 0..<1000 {
                    group.addTask { await MixedLoad(number, connection).run(operations: operations) }
                }
                return await group.reduce(into: Tally()) { $0.add($1) }
            }
            #expect(total.wrong == 0)
            #expect(total.unexpected == [])
            #expect(total.right + total.cancelled + total.late == 1000 * operations)
            #expect(total.right > 500 * operations)
            #expect(total.cancelled > operations)
            #expect(total.late > 0)
            let pong = try await connection.send("PING")
            #expect(pong == .status("PONG"))
        }
    }
}

/// The outcomes of operations.
private struct Tally: Sendable {
    var right = 0
    var wrong = 0
    var cancelled = 0
    var late = 0
    var unexpected: [String] = []

    mutating func add(_ other: Tally) {
        right += other.right
        wrong += other.wrong
        cancelled += other.cancelled
        late += other.late
        unexpected = Array((unexpected + other.unexpected).prefix(5))
    }
}

/// One task's operations: of several types, each with a reply that no other operation has, some of them
/// cancelled or given too little time.
private struct MixedLoad {
    private let number: Int
    private let connection: Connection
    private var random: Seeded

    init(_ number: Int, _ connection: Connection) {
        self.number = number
        self.connection = connection
        random = Seeded(state: UInt64(number))
    }

    func run(operations: Int) async -> Tally {
        var load = self
        var tally = Tally()
        for operation in 0..<operations { await load.perform(operation, &tally) }
        return tally
    }

    private mutating func perform(_ operation: Int, _ tally: inout Tally) async {
        let connection = connection
        let token = "\(number):\(operation)"
        let kind = Int.random(in: 0..<4, using: &random)
        let fate = Int.random(in: 0..<50, using: &random)
        // A deadline in the next millisecond or two sometimes passes.
        let deadline: Deadline = fate == 0 ? .after(.milliseconds(1)) : .after(.seconds(300))
        let call: @Sendable () async throws -> Bool = {
            switch kind {
            case 0: return try await connection.send("ECHO", token, deadline: deadline).text == token
            case 1:
                // The number answered is the token's own: the bits of a string that only this call names.
                let reply = try await connection.send(
                    "BITCOUNT", "none:" + token, deadline: deadline)
                return reply == .integer(0)
            case 2:
                let replies = try await connection.pipeline(3, deadline: deadline) { command in
                    for part in 0..<3 {
                        command.begin(2)
                        command.argument("ECHO")
                        command.argument("\(token):\(part)")
                    }
                }
                return replies.map(\.text) == (0..<3).map { "\(token):\($0)" }
            default:
                let reply = try await connection.send(
                    "EVAL", "return {ARGV[1], {1, ARGV[1]}}", "0", token, deadline: deadline)
                guard let list = reply.array, list.count == 2 else { return false }
                let items = Array(list)
                return items[0].text == token && items[1].array.map(Array.init)?.last?.text == token
            }
        }
        do {
            let isRight: Bool
            if fate == 1 {
                let task = Task { try await call() }
                if Bool.random(using: &random) { await Task.yield() }
                task.cancel()
                isRight = try await task.value
            } else {
                isRight = try await call()
            }
            if isRight { tally.right += 1 } else { tally.wrong += 1 }
        } catch is CancellationError {
            tally.cancelled += 1
        } catch let error as CachesError where error.code == .timeout {
            tally.late += 1
        } catch {
            tally.unexpected.append("\(error)")
        }
    }
}
