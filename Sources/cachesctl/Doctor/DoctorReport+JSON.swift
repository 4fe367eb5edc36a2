import Caches
import CachesCluster
import CachesTerminal
import CachesTransport

// Written out because the synthesised forms leave out nil values.

extension DoctorReport: Encodable {
    enum CodingKeys: String, CodingKey { case nodes, fine, warnings, failures, placement, fingerprint }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(count(nil), forKey: .fine)
        try container.encode(count(.warning), forKey: .warnings)
        try container.encode(count(.failure), forKey: .failures)
        try container.encode(placement.rawValue, forKey: .placement)
        try container.encode(fingerprint, forKey: .fingerprint)
    }
}

extension NodeExamination: Encodable {
    enum CodingKeys: String, CodingKey {
        case name, group, address, database, state, findings, server, role, sentinels, tls, certificates, user
        case commandsDenied = "commands_denied"
        case keysDenied = "keys_denied"
        case checkedBy = "permissions_checked_by"
        case maximumMemory = "maxmemory"
        case evictionPolicy = "maxmemory_policy"
        case snapshots = "save"
        case hasAppendOnlyFile = "appendonly"
        case clockAhead = "clock_ahead_us"
        case roundTrip = "round_trip"
        case otherPools = "other_pools"
        case error
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ping.name, forKey: .name)
        try container.encode(ping.group, forKey: .group)
        try container.encode(ping.address, forKey: .address)
        try container.encode(ping.database, forKey: .database)
        try container.encode(worst?.rawValue ?? "fine", forKey: .state)
        try container.encode(findings, forKey: .findings)
        try container.encode(ping.error.map(FailureObject.init), forKey: .error)
        try container.encode(ping.server, forKey: .server)
        try container.encode(ping.role, forKey: .role)
        try container.encode(sentinels.map(SentinelObject.init), forKey: .sentinels)
        try container.encode(ping.tls, forKey: .tls)
        try container.encode(certificates.map { CertificateObject($0, at: time) }, forKey: .certificates)
        try container.encode(user, forKey: .user)
        try container.encode(permissions.method, forKey: .checkedBy)
        try container.encode(permissions.commands.map(\.name), forKey: .commandsDenied)
        try container.encode(permissions.keys, forKey: .keysDenied)
        try container.encode(maximumMemory, forKey: .maximumMemory)
        try container.encode(evictionPolicy, forKey: .evictionPolicy)
        try container.encode(snapshots, forKey: .snapshots)
        try container.encode(hasAppendOnlyFile, forKey: .hasAppendOnlyFile)
        try container.encode(clock.map { Int($0.ahead.nanoseconds / 1000) }, forKey: .clockAhead)
        try container.encode(RoundTripObject(ping.roundTrip), forKey: .roundTrip)
        try container.encode(strangers, forKey: .otherPools)
    }
}

/// A Sentinel as an object: its address, and the address that it gives for the primary, or why it gives none.
private struct SentinelObject: Encodable {
    var address: String
    var answer: String

    init(sentinel: Endpoint, answer: String) {
        address = "\(sentinel)"
        self.answer = answer
    }
}

/// A certificate as an object; its times are in seconds since 1970.
private struct CertificateObject: Encodable {
    var subject: String
    var issuer: String
    var serialNumber: String
    var notBefore: Int64
    var notAfter: Int64
    var daysLeft: Int
    var names: [String]

    init(_ certificate: Certificate, at time: Int64) {
        subject = certificate.subject
        issuer = certificate.issuer
        serialNumber = certificate.serialNumber
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        daysLeft = certificate.daysLeft(at: time)
        names = certificate.names
    }

    enum CodingKeys: String, CodingKey {
        case subject, issuer, names
        case serialNumber = "serial_number"
        case notBefore = "not_before"
        case notAfter = "not_after"
        case daysLeft = "days_left"
    }
}
