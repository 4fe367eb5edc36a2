import Caches
import CachesCluster
import CachesTransport
import Testing

@testable import cachesctl

@Suite("The doctor's findings")
struct FindingsTests {
    private static let now: Int64 = 1_800_000_000

    private func examination(_ change: (inout NodeExamination) -> Void) throws -> NodeExamination {
        var node = NodeExamination(NodeReport(try NodeConfiguration(dsn: "redis://h#a")), time: Self.now)
        node.permissions.method = .dryRun
        node.maximumMemory = 1 << 20
        node.evictionPolicy = "allkeys-lru"
        node.clock = (.milliseconds(900), .milliseconds(1))
        node.strangers = []
        change(&node)
        return node
    }

    private func certificate(daysLeft: Int) -> Certificate {
        Certificate(
            subject: "CN=h", issuer: "CN=ca", serialNumber: "01", notBefore: 0,
            notAfter: Self.now + Int64(daysLeft) * 86_400, names: ["h"])
    }

    @Test("A server without faults gives no findings")
    func fine() throws {
        let node = try examination { $0.certificates = [certificate(daysLeft: 30)] }
        #expect(node.findings == [])
        #expect(node.worst == nil)
    }

    @Test(
        "A certificate with fewer than 30 days left gives a warning",
        arguments: [(29, "ends in 29 days"), (1, "ends in 1 day"), (0, "ends in 0 days"), (-1, "has ended")])
    func certificates(days: Int, says: String) throws {
        let findings = try examination {
            $0.certificates = [certificate(daysLeft: 400), certificate(daysLeft: days)]
        }.findings
        #expect(findings.map(\.severity) == [.warning])
        #expect(findings[0].message.contains("CN=h \(says)"))
    }

    @Test("Memory without a limit, and a limit without eviction, give warnings")
    func memory() throws {
        #expect(try examination { $0.maximumMemory = 0 }.findings.map(\.severity) == [.warning])
        let full = try examination { $0.evictionPolicy = "noeviction" }.findings
        #expect(full.map(\.severity) == [.warning])
        #expect(full[0].message.contains("noeviction"))
        #expect(
            try examination {
                $0.maximumMemory = nil; $0.evictionPolicy = nil
            }.findings == [])
    }

    @Test(
        "A clock counts as wrong if it is off by more than a second and the uncertainty of the measurement",
        arguments: [(1002, 1, "ahead of"), (-1002, 1, "behind"), (1002, 3, ""), (-999, 0, "")])
    func clocks(ahead: Int, uncertainty: Int, says: String) throws {
        let findings = try examination {
            $0.clock = (.milliseconds(ahead), .milliseconds(uncertainty))
        }.findings
        #expect(findings.map { $0.message.contains(says) } == (says.isEmpty ? [] : [true]))
    }

    @Test("A forbidden command is a failure if every program needs it, and a warning if only some classes do")
    func permissions() throws {
        let node = try examination { node in
            node.permissions.commands = UsedCommand.all.filter {
                ["get", "zadd", "zrange"].contains($0.name)
            }
        }
        #expect(node.findings.map(\.severity) == [.failure, .warning])
        #expect(node.findings[0].message == "The user may not run GET, for connections and Cache.")
        #expect(node.findings[1].message == "The user may not run ZADD, ZRANGE, for SortedSetCache.")
        #expect(node.findings[1].advice.contains("+zadd +zrange"))
        #expect(try examination { $0.permissions.keys = ["user.1"] }.worst == .failure)
        let unknown = try examination { $0.permissions.method = nil }
        #expect(unknown.findings.map(\.severity) == [.warning])
        #expect(unknown.findings[0].advice.contains("+multi +exec"))
    }

    @Test("Reduced verification, replicas, and pools that place keys differently are reported")
    func others() throws {
        #expect(try examination { $0.verification = TLSConfiguration.Verification.none }.worst == .warning)
        #expect(try examination { $0.verification = .ca }.worst == .warning)
        #expect(try examination { $0.verification = .full }.worst == nil)
        #expect(try examination { $0.ping.role = "replica" }.worst == .failure)
        let stranger = ListedClient(address: "10.0.0.7:1", name: "shop:00000000", fingerprint: "00000000")
        let findings = try examination { $0.strangers = [stranger] }.findings
        #expect(findings.map(\.severity) == [.warning])
        #expect(findings[0].message.contains("shop:00000000 at 10.0.0.7:1"))
    }

    @Test("An error is the only finding, with its advice")
    func down() throws {
        let node = try examination { node in
            node.ping.error = CachesError(.unreachable, "No connection.", advice: "Start it.")
            node.maximumMemory = 0
        }
        #expect(node.findings == [.failure("No connection.", "Start it.")])
    }
}
