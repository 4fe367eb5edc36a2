import CachesCluster
import Testing

@testable import caches_chaos

@Suite struct ScenarioTests {
    @Test("Each mutation changes the rules, and in another way than the others")
    func mutations() {
        let rules = Mutation.allCases.map(\.rules)
        #expect(Set(rules).count == rules.count)
        #expect(!rules.contains(ReturnRules()))
    }

    @Test("Each mutation is found by an existing rule", arguments: Mutation.allCases)
    func rule(mutation: Mutation) {
        let kinds: [Violation.Kind] = [
            .stale(version: 1, floor: 2), .lost(key: "k", by: 1), .keptOut(for: 1),
        ]
        let names = kinds.map { Violation(client: 0, call: nil, kind: $0).name }
        #expect(names.contains(mutation.violation))
    }

    @Test("A scenario names only servers and clients that exist", arguments: Mutation.allCases)
    func places(mutation: Mutation) {
        let scenario = mutation.scenario
        for step in scenario.steps {
            for server in step.servers { #expect((0..<scenario.servers).contains(server), "\(step)") }
            for client in step.clients { #expect((0..<scenario.clients).contains(client), "\(step)") }
            #expect(!step.description.isEmpty)
            if let key = step.key { #expect(Set(key.order) == Set(0..<scenario.servers), "\(step)") }
        }
    }

    @Test("Every fault that begins ends, and no other fault ends", arguments: Mutation.allCases)
    func ends(mutation: Mutation) {
        var open: Set<[Int?]> = []
        for step in mutation.scenario.steps {
            switch step {
            case .begin(_, let server, let client): open.insert([server, client])
            case .expect(_, _, _, let after): open.insert([after.server, after.client])
            case .end(let server, let client): #expect(open.remove([server, client]) != nil, "\(step)")
            default: break
            }
        }
        #expect(open.isEmpty)
    }

    @Test("Versions count up, as the checker takes for granted", arguments: Mutation.allCases)
    func versions(mutation: Mutation) {
        let versions = mutation.scenario.steps.compactMap { step in
            if case .write(_, _, let version) = step { version } else { nil }
        }
        #expect(versions == Array(1..<versions.count + 1))
    }

    @Test("Mutated clients have to be caught by the mutation's rule, and sound ones by no rule")
    func verdicts() {
        let caught = Violation(client: 0, call: nil, kind: .keptOut(for: 1))
        let other = Violation(client: 0, call: nil, kind: .misdelivered)
        let mutated = Trial(mutation: .waitsForSilent, isMutated: true)
        let sound = Trial(mutation: .waitsForSilent, isMutated: false)
        #expect(mutated.isRight(.violations([other, caught])))
        #expect(!mutated.isRight(.violations([other])))
        #expect(!mutated.isRight(.violations([])))
        #expect(sound.isRight(.violations([])))
        #expect(!sound.isRight(.violations([other])))
        for trial in [mutated, sound] { #expect(!trial.isRight(.stuck(.pause(milliseconds: 1)))) }
    }
}

extension Step {
    fileprivate var servers: [Int] {
        switch self {
        case .begin(_, let server, _), .end(let server, _): [server].compactMap(\.self)
        case .flush(let server), .untilOut(_, let server), .untilUsed(_, let server): [server]
        case .expect(let server, _, _, let after): [server, after.server]
        case .write, .read, .untilRemoved, .pause: []
        }
    }

    fileprivate var clients: [Int] {
        switch self {
        case .begin(_, _, let client), .end(_, let client): [client].compactMap(\.self)
        case .write(let client, _, _), .read(let client, _), .untilOut(let client, _),
            .untilUsed(let client, _):
            [client]
        case .expect(_, _, _, let after): [after.client]
        case .flush, .untilRemoved, .pause: []
        }
    }
}
