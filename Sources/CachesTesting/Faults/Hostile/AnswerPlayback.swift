/// The answers that one connection is still to be sent: answers go in, bytes come out, at their pace. It does
/// no I/O, and has no clock.
struct AnswerPlayback {
    typealias Instant = ContinuousClock.Instant

    /// The connection's next step.
    enum Step: Equatable {
        /// Nothing, until there is another answer.
        case wait
        /// Nothing before this time.
        case pause(until: Instant)
        /// Send bytes, or some of them.
        case send(ArraySlice<UInt8>)
        case close
        case reset
    }

    /// An answer, and how far it is.
    private struct Piece {
        let answer: HostileServer.Answer
        let lead: [UInt8]
        /// The refrain, as often as makes a good length to send.
        let verse: [UInt8]
        var sent = 0
        /// When its first byte was due.
        var start: Instant?

        init(_ answer: HostileServer.Answer, truth: [UInt8]) {
            self.answer = answer
            lead = answer.bytes ?? truth
            var verse: [UInt8] = []
            let times = answer.refrain.isEmpty ? 0 : min(answer.refrains, 1 + 16_384 / answer.refrain.count)
            for _ in 0..<times { verse += answer.refrain }
            self.verse = verse
        }

        /// How many bytes the refrains make.
        private var chorus: Int {
            let (count, overflows) = answer.refrain.count.multipliedReportingOverflow(by: answer.refrains)
            return overflows ? .max : count
        }

        /// The bytes that follow those that have been sent, a part of them; none at the end.
        var rest: ArraySlice<UInt8> {
            let left = (answer.limit ?? .max) - sent
            guard left > 0 else { return [] }
            if sent < lead.count { return lead[sent...].prefix(left) }
            let sung = sent - lead.count
            if !verse.isEmpty, sung < chorus {
                return verse[(sung % verse.count)...].prefix(min(left, chorus - sung))
            }
            guard chorus < .max else { return [] }
            return answer.coda.dropFirst(sung - chorus).prefix(left)
        }

        /// How many bytes may have been sent at a time.
        func allowance(at now: Instant) -> Int {
            guard let rate = answer.bytesPerSecond, let start else { return .max }
            let seconds = (now - start) / .seconds(1)
            return 1 + Int(min(seconds * Double(rate), 1e15))
        }

        /// When so many bytes may have been sent.
        func time(of count: Int) -> Instant? {
            guard let rate = answer.bytesPerSecond, let start else { return nil }
            return start + .seconds(Double(count) / Double(rate))
        }
    }

    private var pieces: [Piece] = []
    private var first = 0

    /// Whether all has been sent.
    var isEmpty: Bool { first == pieces.count }

    /// Puts an answer behind the others.
    mutating func add(_ answer: HostileServer.Answer, truth: [UInt8]) {
        if first > 64 {
            pieces.removeFirst(first)
            first = 0
        }
        pieces.append(Piece(answer, truth: truth))
    }

    /// The next step. To be asked again after each but `wait`, and after each answer.
    mutating func next(now: Instant) -> Step {
        while first < pieces.count {
            if pieces[first].start == nil { pieces[first].start = now }
            let piece = pieces[first]
            let rest = piece.rest
            if rest.isEmpty {
                switch piece.answer.ending {
                case .more:
                    first += 1
                    continue
                case .close: return .close
                case .reset: return .reset
                }
            }
            let allowed = piece.allowance(at: now) - piece.sent
            if allowed > 0 { return .send(rest.prefix(allowed)) }
            // A little later, so that the time that has passed is surely enough.
            return .pause(until: (piece.time(of: piece.sent) ?? now) + .milliseconds(1))
        }
        return .wait
    }

    /// So many bytes of the last step have been sent.
    mutating func sent(_ count: Int) { pieces[first].sent += count }
}
