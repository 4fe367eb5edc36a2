public import CachesTesting
public import Testing

/// Gives a test, or each test of a suite, a private fleet of servers: ``LocalFleet/current``.
///
/// ```swift
/// @Test(.fleet(nodes: 3)) func survives() async throws {
///     let fleet = try #require(LocalFleet.current)
///     let pool = try CachePool(fleet.dsns)
///     fleet.servers[1].kill()
/// }
/// ```
public typealias FleetTrait = ServersTrait<LocalFleet>

extension Trait where Self == FleetTrait {
    /// A fleet of servers that are all alike.
    ///
    /// - Parameters:
    ///   - nodes: how many, 0 or more.
    ///   - options: the options of each. A name becomes the name's stem: `a` gives `a1`, `a2`, …
    ///   - deadline: how long the start may take. Default 60 s, for machines that do much else at the same
    ///     time.
    public static func fleet(
        nodes: Int, options: LocalServer.Options = LocalServer.Options(), deadline: Duration = .seconds(60)
    ) -> FleetTrait {
        fleet(options.repeated(nodes), deadline: deadline)
    }

    /// A fleet of a server for each of the options.
    public static func fleet(
        _ nodes: [LocalServer.Options], deadline: Duration = .seconds(60)
    ) -> FleetTrait {
        FleetTrait { test in
            try await withLocalFleet(nodes, deadline: deadline) { fleet in
                try await LocalFleet.$current.withValue(fleet, operation: test)
            }
        }
    }
}

extension LocalFleet {
    /// The fleet of the running test, as its ``FleetTrait`` asked for; nil without one, and in detached
    /// tasks.
    @TaskLocal public static var current: LocalFleet?
}
