import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct EvidenceTests {
    /// Every kind of evidence.
    static let all: [Evidence] =
        [.answer, .endedUseless, .silence] + Evidence.Answer.allCases.map { .error($0) }
        + Incident.allCases.map { .incident($0) }

    /// The verdict of each kind. A case that is added to a kind has no place here, and does not compile.
    static func expected(_ evidence: Evidence) -> Evidence.Verdict {
        switch evidence {
        case .answer: .lives
        case .endedUseless: .out
        case .silence: .failed

        case .error(.ordinary): .lives
        case .error(.forbidden): .lives
        case .error(.busy): .doubtful
        case .error(.loading): .out
        case .error(.masterDown): .out
        case .error(.readOnly): .out
        case .error(.unauthenticated): .out

        case .incident(.overloaded): .nothing
        case .incident(.commandTooLarge): .nothing
        case .incident(.tooLate): .nothing
        case .incident(.stillOpening): .nothing

        case .incident(.replyTooLarge): .lives
        case .incident(.replyUnreadable): .nothing
        case .incident(.commandRefused): .lives

        case .incident(.closedByOwner): .nothing
        case .incident(.closedByPeer): .failed
        case .incident(.closedWhileIdle): .failed
        case .incident(.closedUnderLargeCommand): .failed
        case .incident(.stalled): .failed
        case .incident(.unaskedReply): .failed

        case .incident(.connectionRefused): .out
        case .incident(.openingTimedOut): .out
        case .incident(.tlsFailed): .out
        case .incident(.greetingFailed): .out
        case .incident(.nameUnknown): .out
        case .incident(.placeUnknown): .out

        case .incident(.nameServiceFailed): .nothing
        case .incident(.clientExhausted): .nothing
        case .incident(.handshakesQueued): .nothing
        case .incident(.notPrepared): .nothing

        case .incident(.noReply): .doubtful
        }
    }

    @Test("Each kind of evidence says of a server what the table says", arguments: all)
    func verdict(_ evidence: Evidence) {
        #expect(evidence.verdict == Self.expected(evidence))
    }

    @Test("The table has every kind once, and leads to every verdict")
    func total() {
        #expect(Set(Self.all).count == Self.all.count)
        #expect(Set(Self.all.map(\.verdict)) == Set(Evidence.Verdict.allCases))
    }

    @Test("Only another connection helps where the answer depends on that")
    func spoils() {
        #expect(
            Set(Self.all.filter(\.spoilsConnection))
                == [.error(.readOnly), .error(.masterDown), .error(.unauthenticated)])
    }

    @Test("A hindrance of this process puts no server out")
    func hindrances() {
        for incident in Incident.allCases where incident.isHindrance {
            #expect(Evidence.incident(incident).verdict == .nothing)
            #expect(incident.endsConnection)
        }
    }

    @Test(
        "An error that a server answered is understood",
        arguments: [
            ("WRONGTYPE Operation against a key", .error(.ordinary)), ("ERR syntax error", .error(.ordinary)),
            ("NOPERM no permissions", .error(.forbidden)), ("BUSY a script runs", .error(.busy)),
            ("LOADING reading", .error(.loading)), ("MASTERDOWN no link", .error(.masterDown)),
            ("READONLY a replica", .error(.readOnly)), ("NOAUTH required", .error(.unauthenticated)),
            ("WRONGPASS invalid", .error(.ordinary)), ("OOM full", .error(.ordinary)),
        ] as [(String, Evidence)])
    func answers(text: String, expected: Evidence) {
        #expect(Evidence(ServerError(text).error(node: "a")) == expected)
    }

    @Test("An error that has nothing to do with a server is not evidence")
    func none() {
        for code in [CachesError.Code.decoding, .configuration, .invalidArgument, .locked] {
            #expect(Evidence(CachesError(code, "It is wrong.")) == nil)
        }
    }
}
