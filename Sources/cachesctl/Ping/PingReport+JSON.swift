import CachesCluster
import CachesTerminal

extension PingReport {
    /// The report as one JSON object. Every key is always there; unknown values are null.
    func json() throws -> String { try JSONText.pretty(self) }
}

extension PingReport: Encodable {
    enum CodingKeys: String, CodingKey { case nodes, up, down, placement, fingerprint }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(nodes.count(where: \.isUp), forKey: .up)
        try container.encode(nodes.count { !$0.isUp }, forKey: .down)
        try container.encode(placement?.rule.rawValue, forKey: .placement)
        try container.encode(placement?.fingerprint, forKey: .fingerprint)
    }
}

extension NodeReport: Encodable {
    enum CodingKeys: String, CodingKey {
        case name, group, address, database, tls, server, role
        case roundTrip = "round_trip"
        case state, error
    }

    // Written out because the synthesised form leaves out nil values.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(group, forKey: .group)
        try container.encode(address, forKey: .address)
        try container.encode(database, forKey: .database)
        try container.encode(tls, forKey: .tls)
        try container.encode(server, forKey: .server)
        try container.encode(role, forKey: .role)
        try container.encode(isUp ? "up" : "down", forKey: .state)
        try container.encode(RoundTripObject(roundTrip), forKey: .roundTrip)
        try container.encode(error.map(FailureObject.init), forKey: .error)
    }
}

/// Round trips as an object.
struct RoundTripObject: Encodable {
    private let latencies: Latencies

    init(_ latencies: Latencies) { self.latencies = latencies }

    enum CodingKeys: String, CodingKey {
        case count
        case p50 = "p50_us"
        case p99 = "p99_us"
    }

    // Written out because the synthesised form leaves out nil values.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(latencies.count, forKey: .count)
        try container.encode(latencies.microseconds(\.p50), forKey: .p50)
        try container.encode(latencies.microseconds(\.p99), forKey: .p99)
    }
}

extension Latencies {
    /// A percentile in microseconds, to a tenth; nil if nothing was measured.
    fileprivate func microseconds(_ percentile: KeyPath<Latencies, Duration>) -> Double? {
        count == 0 ? nil : (self[keyPath: percentile].nanoseconds / 100).rounded() / 10
    }
}
