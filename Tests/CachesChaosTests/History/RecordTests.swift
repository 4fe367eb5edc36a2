import Testing

@testable import caches_chaos

@Suite struct RecordTests {
    private static let calls: [Call] = [
        call(.read, .done(version: 7)), call(.read, .done(version: nil)), call(.read, .misdelivered),
        call(.write, version: 3, .done(version: 3)),
        call(.write, version: 3, .failed(code: "timeout", node: 4)),
        call(.echo, .failed(code: "connection lost", node: nil)),
        call(.write, version: 1, .failed(code: "server LOADING", node: 0)),
        call(.count, .done(version: 12)), call(.claim, .done(version: 0)),
    ]

    @Test(
        "A record that was written is read again",
        arguments: calls.map(Record.call) + [
            .health(node: 2, isOut: true, time: 5), .health(node: 0, isOut: false, time: 6),
            .looking(node: 3, time: 7), .order(key: 12, nodes: [2, 0, 1]), .order(key: 0, nodes: [4]),
            .stall(begin: 1, end: 9), .resources(time: 3, descriptors: 17, kibibytes: 2048), .end(pending: 0),
        ])
    func roundTrip(record: Record) {
        #expect(Record(record.line) == record)
        #expect(!record.line.contains("\n"))
    }

    @Test(
        "A torn line is not parsed", arguments: calls.map { Record.call($0).line } + ["stall 1 9", "end 0"])
    func torn(line: String) {
        let words = line.split(separator: " ")
        for count in 0..<words.count - 1 {
            #expect(Record(words.prefix(count).joined(separator: " ")) == nil)
        }
    }

    @Test(
        "Nonsense is not a record",
        arguments: [
            "", "x", "call", "call read a 1 - 1 2 done -", "end x", "stall 1", "order 1 2,x", "looking 1",
        ])
    func nonsense(line: String) {
        #expect(Record(line) == nil)
    }

    @Test("A history knows its outages and its stalls")
    func history() {
        let history = History(
            text: """
                health 1 out 10
                looking 1 18
                health 1 in 20
                health 0 out 15
                health 1 out 30
                stall 100 200
                stall 300 320
                stall 310 315
                stall 305 350
                resources 340 7 9
                order 5 1,0
                end 0
                cal
                """)
        #expect(history.outages(of: 1) == [10..<20, 30..<Int64.max])
        #expect(history.outages(of: 0) == [15..<Int64.max])
        #expect(history.outages(of: 2).isEmpty)
        #expect(history.pending == 0)
        #expect(history.looks.map(\.node) == [1] && history.looks.map(\.time) == [18])
        #expect(history.orders == [5: [1, 0]])
        #expect(history.lastTime == 350)
        for (begin, end, stalled) in [
            (0, 100, 0), (0, 1000, 150), (150, 320, 70), (200, 300, 0), (120, 130, 10), (350, 400, 0),
            (5, 5, 0),
        ] as [(Int64, Int64, Int64)] {
            #expect(history.stalled(from: begin, to: end) == stalled, "\(begin) to \(end)")
        }
    }

    @Test(
        "An order to a client is read again",
        arguments: [
            .read(key: 3), .write(key: 3, version: 9), .readUntilOut(key: 1, node: 2),
            .waitUntilUsed(node: 0),
        ] as [ClientOrder])
    func order(order: ClientOrder) {
        #expect(ClientOrder(order.line) == order)
        #expect(ClientOrder(order.line + " 1 2") == nil)
        #expect(ClientOrder("") == nil)
    }

    private static func call(
        _ operation: Call.Operation, version: Int? = nil, _ outcome: Call.Outcome
    ) -> Call {
        Call(
            operation: operation, key: 12, node: 4, version: version, begin: 1000, end: 2000, outcome: outcome
        )
    }
}
