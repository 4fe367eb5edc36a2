import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct PoolConfigurationTests {
    @Test("Variables are read in the order of their numbers, with gaps, and CACHES_DSN first")
    func order() throws {
        let pool = try PoolConfiguration(environment: [
            "CACHES_DSN_10": "redis://h#ten", "CACHES_DSN_2": "redis://h#two",
            "CACHES_DSN": "redis://h#first",
            "CACHES_DSN_007": "redis://h#seven", "CACHES_DSN_0": "redis://h#zero", "CACHES_DSN_3": "",
            "PATH": "/bin", "CACHES_OTHER": "x", "MY_CACHES_DSN": "x",
        ])
        #expect(pool.nodes.map(\.name) == ["first", "zero", "two", "seven", "ten"])
        #expect(
            pool.nodes.map(\.source) == [
                "CACHES_DSN", "CACHES_DSN_0", "CACHES_DSN_2", "CACHES_DSN_007", "CACHES_DSN_10",
            ])
        #expect(pool.deadline == .seconds(1))
    }

    @Test("CACHES_POOL holds the pool's options")
    func options() throws {
        let dsn = ["CACHES_DSN": "redis://h"]
        for (options, deadline) in [
            ("deadline=500ms", Duration.milliseconds(500)), ("", .seconds(1)),
            ("placement=rendezvous", .seconds(1)),
            ("placement=rendezvous&deadline=2", .seconds(2)),
        ] {
            let pool = try PoolConfiguration(environment: dsn.merging(["CACHES_POOL": options]) { $1 })
            #expect(pool.deadline == deadline, "\(options)")
            #expect(pool.placement == .rendezvous, "\(options)")
        }
        for rule in PlacementRule.allCases {
            let options = ["CACHES_POOL": "placement=\(rule.rawValue)"]
            #expect(try PoolConfiguration(environment: dsn.merging(options) { $1 }).placement == rule)
        }
    }

    @Test(
        "A wrong environment has an error that names the variables",
        arguments: [
            ([:], ["no server is configured", "CACHES_DSN='redis://localhost:6379#main'"]),
            (["CACHES_DSN": ""], ["no server is configured", "(CACHES_DSN: set, but empty)"]),
            (["CACHES_DSN": "", "CACHES_DSN_1": ""], ["(CACHES_DSN, CACHES_DSN_1: set, but empty)"]),
            (["CACHES_DSN": " "], ["CACHES_DSN: character 1"]),
            (["CACHES_DSN_3": "redis://hunter2@h:0"], ["CACHES_DSN_3: the port"]),
            (
                ["CACHES_DSN_MAIN": "redis://h"],
                ["CACHES_DSN_MAIN: this is not a variable", "CACHES_DSN_ and a"]
            ),
            (["CACHES_DSN2": "redis://h"], ["CACHES_DSN2: this is not"]),
            (["CACHES_DSN_": "redis://h"], ["CACHES_DSN_: this is not"]),
            (["CACHES_DSN_-1": "redis://h"], ["CACHES_DSN_-1: this is not"]),
            (["CACHES_DSN_1_2": "redis://h"], ["CACHES_DSN_1_2: this is not"]),
            (["CACHES_DSN_99999999999999999999": "redis://h"], ["this is not a variable"]),
            (
                ["CACHES_DSN_1": "redis://a", "CACHES_DSN_01": "redis://b"],
                ["CACHES_DSN_1: the number is that of CACHES_DSN_01"]
            ),
            (
                ["CACHES_DSN": "redis://hunter2@h1#a", "CACHES_DSN_4": "redis://hunter2@h2#a"],
                ["CACHES_DSN_4: the name a", "the server in CACHES_DSN already"]
            ),
            (
                ["CACHES_DSN": "redis://H/2", "CACHES_DSN_1": "redis://h:6379?db=2"],
                ["CACHES_DSN_1: the name h:6379/2", "CACHES_DSN already"]
            ),
            (
                ["CACHES_DSN": "redis://h1#a/1", "CACHES_DSN_1": "redis://h2#a"],
                ["CACHES_DSN: the group a has the name of the server in CACHES_DSN_1"]
            ),
            (
                ["CACHES_DSN": "redis://h", "CACHES_POOL": "deadline=0"],
                ["CACHES_POOL: the value of deadline"]
            ),
            (
                ["CACHES_DSN": "redis://h", "CACHES_POOL": "dedline=1"],
                [
                    "CACHES_POOL: there is no option dedline",
                    "Did you mean deadline?", "The options are deadline, placement, outage, ping-interval",
                ]
            ),
            (
                ["CACHES_DSN": "redis://h", "CACHES_POOL": "deadline"],
                ["CACHES_POOL: the option deadline has no"]
            ),
            (
                ["CACHES_DSN": "redis://h", "CACHES_POOL": "first-retry=10s&retry-cap=1s"],
                ["CACHES_POOL: first-retry is longer than retry-cap"]
            ),
            (
                ["CACHES_DSN": "redis://h", "CACHES_POOL": "placement=Ketama"],
                ["CACHES_POOL: the value of placement is not one of `rendezvous`"]
            ),
            (
                ["CACHES_DSN": "redis://h", "CACHES_POOL": "placement=ring"],
                [
                    "CACHES_POOL: the value of placement is not one of `rendezvous`, `ketama`, `twemproxy`, "
                        + "`go-redis`, `redis-rb`, `jedis`."
                ]
            ),
        ] as [([String: String], [String])])
    func wrong(environment: [String: String], parts: [String]) {
        let error = #expect(throws: CachesError.self) { try PoolConfiguration(environment: environment) }
        #expect(error?.code == .configuration)
        for part in parts {
            #expect(error?.description.contains(part) == true, "\(String(describing: error))")
        }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test("A list of DSNs is counted from 1 in errors")
    func list() throws {
        let pool = try PoolConfiguration(dsns: ["redis://h#a", "redis://h#b/c"])
        #expect(pool.nodes.map(\.source) == ["DSN 1", "DSN 2"])
        for (dsns, part) in [
            (["redis://h", "redis://"], "DSN 2: there is no host"),
            (
                ["redis://h#a", "redis://h#b", "redis://h#a"],
                "DSN 3: the name a is that of the server in DSN 1"
            ),
            ([], "at least one node"),
        ] {
            let error = #expect(throws: CachesError.self) { try PoolConfiguration(dsns: dsns) }
            #expect(error?.description.contains(part) == true, "\(String(describing: error))")
        }
    }
}
