import Caches
import CachesTerminal
import CachesTransport

extension NodeExamination {
    /// Warns of certificates that expire within so many days: it takes a month to find out who renews one.
    static let daysToWarn = 30

    /// Warns of a clock that is further off. Certificates, rate limits and log files depend on clocks.
    static let clockTolerance = Duration.seconds(1)

    /// The findings that an operator should know, the worst first.
    var findings: [Finding] {
        if let error = ping.error {
            return [.failure(error.message, error.advice ?? "")]
        }
        let all =
            [roleFinding].compactMap { $0 } + permissionFindings + certificateFindings
            + [verificationFinding, memoryFinding, clockFinding, tenantFinding].compactMap { $0 }
            + fileFindings + sentinelFindings + strangerFindings
        return all.filter { $0.severity == .failure } + all.filter { $0.severity == .warning }
    }

    /// The severity of the worst finding, nil without findings.
    var worst: Finding.Severity? { findings.first?.severity }

    private var roleFinding: Finding? {
        guard ping.role == "replica" else { return nil }
        return .failure(
            "The server is a replica, which takes no writes.", "Point the DSN at its master.")
    }

    private var permissionFindings: [Finding] {
        guard permissions.method != nil else {
            return [
                .warning(
                    "The user's permissions could not be found out, neither by ACL DRYRUN nor by MULTI.",
                    "ACL SETUSER \(user ?? "USER") +multi +exec.")
            ]
        }
        var findings: [Finding] = []
        for purpose in UsedCommand.Purpose.allCases {
            let denied = permissions.commands.filter { $0.purpose == purpose }
            guard !denied.isEmpty else { continue }
            let names = denied.map { $0.name.uppercased() }.joined(separator: ", ")
            let rules = denied.map { "+\($0.name)" }.joined(separator: " ")
            let message = "The user may not run \(names), for \(purpose.rawValue)."
            let advice = "ACL SETUSER \(user ?? "USER") \(rules), where the program uses that."
            findings.append(purpose == .values ? .failure(message, advice) : .warning(message, advice))
        }
        for key in permissions.keys {
            findings.append(
                .failure(
                    "The user may not use the key \(key).", "Grant it a pattern: ACL SETUSER … ~PREFIX.*"))
        }
        return findings
    }

    private var certificateFindings: [Finding] {
        certificates.compactMap { certificate in
            let days = certificate.daysLeft(at: time)
            guard days < Self.daysToWarn else { return nil }
            let left = days < 0 ? "has ended" : days == 1 ? "ends in 1 day" : "ends in \(days) days"
            return .warning(
                "The certificate of \(certificate.subject) \(left), on \(CalendarDay.text(certificate.notAfter)).",
                "Renew it.")
        }
    }

    private var verificationFinding: Finding? {
        switch verification {
        case nil, .full: nil
        case .ca:
            .warning(
                "verify=ca: the certificate may be any server's of the authority.",
                "Take verify=ca out, and say with sni=NAME for which name the certificate is.")
        case .some(.none):
            .warning(
                "verify=none: the server may be anyone.", "Take verify=none out, and set ca=FILE.")
        }
    }

    private var tenantFinding: Finding? {
        guard let tenants, !tenants.isEmpty else { return nil }
        let shown = tenants.prefix(10).joined(separator: ", ")
        let more = tenants.count > 10 ? " and \(tenants.count - 10) more" : ""
        return .warning(
            "Other users may write keys that begin with caches:, and so have keys removed: \(shown)\(more).",
            "Give each its own keys alone: ACL SETUSER \(tenants[0]) resetkeys ~ITS-PREFIX*.")
    }

    private var fileFindings: [Finding] {
        openFiles.map { path in
            .warning(
                "The file \(path), with a password or a private key, can be read by every user of this machine.",
                "chmod o-rwx \(path)")
        }
    }

    private var memoryFinding: Finding? {
        if maximumMemory == 0 {
            return .warning(
                "The server has no maxmemory: it grows until the machine is full.",
                "Set maxmemory, and maxmemory-policy to allkeys-lru or allkeys-lfu.")
        }
        guard evictionPolicy == "noeviction" else { return nil }
        return .warning(
            "maxmemory-policy is noeviction: a full server refuses writes.",
            "Set it to allkeys-lru or allkeys-lfu.")
    }

    private var clockFinding: Finding? {
        guard let clock else { return nil }
        let (ahead, isBehind) = clock.ahead < .zero ? (.zero - clock.ahead, true) : (clock.ahead, false)
        guard ahead > Self.clockTolerance + clock.uncertainty else { return nil }
        return .warning(
            "The server's clock is \(Figures.duration(ahead)) \(isBehind ? "behind" : "ahead of") this machine's.",
            "Let both synchronise their clocks (NTP).")
    }

    private var sentinelFindings: [Finding] {
        var findings = sentinels.filter { $0.answer != ping.address }.map { sentinel, answer in
            Finding.warning(
                "The Sentinel at \(sentinel) does not name \(ping.address): \(answer).",
                "Look at its log: without a majority of them there is no failover.")
        }
        if sentinels.count == 1 || sentinels.count == 2 {
            findings.append(
                .warning(
                    sentinels.count == 1 ? "There is one Sentinel." : "There are two Sentinels.",
                    "Run three or more, on machines of their own: a majority has to be left when one goes."))
        }
        return findings
    }

    private var strangerFindings: [Finding] {
        guard let strangers, !strangers.isEmpty else { return [] }
        let shown = strangers.prefix(10).map { "\($0.name) at \($0.address)" }.joined(separator: ", ")
        let more = strangers.count > 10 ? " and \(strangers.count - 10) more" : ""
        return [
            .warning(
                "Other programs place keys differently: \(shown)\(more).",
                "Give all programs the same servers, names, weights and placement.")
        ]
    }
}
