/// The DSN of a group of sentinels.
enum SentinelDSN {
    static func text(
        _ options: LocalSentinelGroup.Options, ports: [Int], certificates: TestCertificates?
    ) -> String {
        var query: [(name: String, value: String)] = []
        var (scheme, host) = ("redis", "127.0.0.1")
        if case .tls = options.server.transport {
            // Servers announce themselves by address, and the certificates carry both.
            (scheme, host) = ("rediss", "localhost")
            if let certificates { query.append(("ca", certificates.authorityFile)) }
        }
        switch options.sentinelAccess {
        case .open: break
        case .password(let password): query.append(("sentinel-password", password))
        case .user(let name, let password, _):
            query.append(("sentinel-user", name))
            query.append(("sentinel-password", password))
        }
        let user =
            switch options.server.access {
            case .open: ""
            case .password(let password): ":\(DSNText.encoded(password))@"
            case .user(let name, let password, _):
                "\(DSNText.encoded(name)):\(DSNText.encoded(password))@"
            }
        let hosts = ports.map { "\(host):\($0)" }.joined(separator: ",")
        let parameters = query.map { "\($0.name)=\(DSNText.encoded($0.value, allowing: "/"))" }
            .joined(separator: "&")
        return "\(scheme)+sentinel://\(user)\(hosts)/\(DSNText.encoded(options.service))/0"
            + (parameters.isEmpty ? "" : "?" + parameters)
            + "#" + DSNText.encoded(options.name, allowing: "/")
    }
}
