import TestSupport
import Testing

@testable import CachesTesting

@Suite("A local cluster")
struct LocalClusterTests {
    @Test(
        "A local cluster serves every slot, with a replica for each master",
        arguments: [
            LocalServer.Options(), .init(transport: .tls()), .init(access: .password("p@ss w:rd/#?%")),
            .init(name: "c", transport: .tls(), access: .user("app", password: "s3cr:et@", rules: "~* +get")),
        ])
    func starts(options: LocalServer.Options) async throws {
        try await withLocalCluster(options: options, nodeTimeout: .seconds(15)) { cluster in
            #expect(cluster.name == options.name ?? "cluster")
            #expect(cluster.servers.map(\.name) == (1...6).map { "\(cluster.name)\($0)" })
            for server in cluster.servers {
                let timeout = try await server.command("CONFIG", "GET", "cluster-node-timeout")
                #expect(timeout.elements.last?.integer == 15_000)
            }
            let masters = try await cluster.masters()
            #expect(masters.count == 3)
            var slots: [ClosedRange<Int>] = []
            for master in masters {
                #expect(try await cluster.replicas(of: master).count == 1)
                slots += try await cluster.slots(of: master)
            }
            let evenly = [0...5460, 5461...10921, 10922...16383]
            #expect(slots.sorted { $0.lowerBound < $1.lowerBound } == evenly)
            for (index, range) in evenly.enumerated() {
                let master = try await cluster.master(ofSlot: range.upperBound)
                #expect(try await cluster.slots(of: master) == [evenly[index]])
            }
        }
    }

    @Test("A local cluster has the DSN of its first masters, with the credentials that clients need")
    func dsn() async throws {
        let options = LocalServer.Options(
            name: "sessions/a", transport: .tls(), access: .user("app", password: "s3cr:et@"))
        try await withLocalCluster(masters: 2, replicasPerMaster: 0, options: options) {
            cluster async throws in
            let ports = cluster.servers.compactMap(\.port)
            let authority = try #require(cluster.certificates).authorityFile
            #expect(
                cluster.dsn
                    == "rediss+cluster://app:s3cr%3Aet%40@localhost:\(ports[0]),localhost:\(ports[1])/"
                    + "?ca=\(authority)#sessions/a")
        }
    }

    @Test(
        "A local cluster is reached by redis-cli, which follows its redirections", arguments: [false, true])
    func client(usesTLS: Bool) async throws {
        let options = LocalServer.Options(transport: usesTLS ? .tls() : .tcp, access: .password("x"))
        try await withLocalCluster(replicasPerMaster: 0, options: options) { cluster in
            let port = try #require(cluster.servers[0].port)
            let security = cluster.certificates.map { ["--tls", "--cacert", $0.authorityFile] } ?? []
            for key in ["a", "b", "c", "d"] {
                let words = ["redis-cli", "-c", "-p", "\(port)", "-a", "x", "--no-auth-warning"] + security
                #expect(try await Program.run(words + ["SET", key, "1"]).output == "OK\n")
            }
            let dsn = cluster.dsn
            #expect(dsn.hasPrefix("\(usesTLS ? "rediss" : "redis")+cluster://:x@"))
            #expect(dsn.hasSuffix("#cluster") && dsn.contains(":\(port),"))
        }
    }

    @Test("A local cluster names its nodes as asked", arguments: LocalServer.ClusterEndpoint.allCases)
    func endpoints(endpoint: LocalServer.ClusterEndpoint) async throws {
        try await withLocalCluster(replicasPerMaster: 0, endpoint: endpoint) { cluster in
            let port = try #require(cluster.servers[2].port)
            for server in cluster.servers {
                let slots = try await server.command("CLUSTER", "SLOTS")
                for range in slots.elements {
                    let host = range.elements[2].elements[0]
                    switch endpoint {
                    case .address: #expect(host.text == "127.0.0.1")
                    case .hostname: #expect(host.text == "localhost")
                    case .unknown: #expect(host == .null)
                    }
                }
            }
            let error = await #expect(throws: FleetError.self) {
                try await cluster.servers[0].command("GET", "a")  // slot 15 495
            }
            let host =
                switch endpoint {
                case .address: "127.0.0.1"
                case .hostname: "localhost"
                case .unknown: ""
                }
            #expect(error?.message.contains("MOVED 15495 \(host):\(port)") == true)
        }
    }

    @Test("A local cluster ends with all its servers when its body throws")
    func ends() async throws {
        struct Fault: Error {}
        let processes = Locked<[Int32]>([])
        let folder = Locked("")
        await #expect(throws: Fault.self) {
            try await withLocalCluster(masters: 1) { cluster in
                processes.value = cluster.servers.compactMap(\.processIdentifier)
                folder.value = cluster.supervisor.folder
                throw Fault()
            }
        }
        #expect(processes.value.count == 2 && !processes.value.contains(where: exists))
        #expect(!fileExists(folder.value))
    }

    @Test("A local cluster can't have unix sockets")
    func unix() async {
        let error = await #expect(throws: FleetError.self) {
            try await LocalCluster.start(options: LocalServer.Options(transport: .unix))
        }
        #expect(error?.advice != nil)
    }

    @Test("A local cluster shows the end of a log when its deadline passes")
    func deadline() async {
        // Its nodes accept no certificate of each other.
        let options = LocalServer.Options(transport: .tls(.init(certificate: .untrusted)))
        let error = await #expect(throws: FleetError.self) {
            try await LocalCluster.start(
                masters: 2, replicasPerMaster: 0, options: options, deadline: .seconds(1))
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("log ends with:") == true)
    }

    @Test("A local cluster shows the end of the log of a server that doesn't start")
    func badConfiguration() async {
        let error = await #expect(throws: FleetError.self) {
            try await LocalCluster.start(options: LocalServer.Options(lines: ["no-such-directive 1"]))
        }
        #expect(error?.code == .startFailed)
        #expect(error?.message.contains("no-such-directive") == true)
    }
}
