/// The DSNs of local servers.
enum DSNText {
    static func text(
        _ options: LocalServer.Options, name: String, port: Int?, socketPath: String,
        certificates: TestCertificates?
    ) -> String {
        let user = credentials(options.access)
        let fragment = "#" + encoded(name, allowing: "/")
        switch options.transport {
        case .tcp:
            return "redis://\(user)127.0.0.1:\(port ?? 0)/0\(fragment)"
        case .unix:
            return "redis+unix://\(user)\(encoded(socketPath, allowing: "/"))?db=0\(fragment)"
        case .tls(let tls):
            return "rediss://\(user)localhost:\(port ?? 0)/0?\(query(tls, certificates))\(fragment)"
        }
    }

    /// The DSN of a cluster whose servers are all alike: `redis+cluster://host:port,host:port/#name`.
    static func text(
        _ options: LocalServer.Options, clusterName name: String, ports: [Int],
        certificates: TestCertificates?
    ) -> String {
        func text(_ scheme: String, _ host: String, _ query: String) -> String {
            let addresses = ports.map { "\(host):\($0)" }.joined(separator: ",")
            return "\(scheme)+cluster://\(credentials(options.access))\(addresses)/\(query)"
                + "#\(encoded(name, allowing: "/"))"
        }
        return switch options.transport {
        case .tcp, .unix: text("redis", "127.0.0.1", "")
        case .tls(let tls): text("rediss", "localhost", "?" + query(tls, certificates))
        }
    }

    private static func credentials(_ access: LocalServer.Access) -> String {
        switch access {
        case .open: ""
        case .password(let password): ":\(encoded(password))@"
        case .user(let name, let password, _): "\(encoded(name)):\(encoded(password))@"
        }
    }

    private static func query(_ tls: LocalServer.TLS, _ certificates: TestCertificates?) -> String {
        var query: [(name: String, file: String)] = []
        if let certificates {
            query.append(("ca", certificates.authorityFile))
            if tls.clientCertificates != .ignored {
                query.append(("cert", certificates.client.certificateFile))
                query.append(("key", certificates.client.keyFile))
            }
        }
        return query.map { "\($0.name)=\(encoded($0.file, allowing: "/"))" }.joined(separator: "&")
    }

    /// Percent-encodes all but RFC 3986's unreserved characters and those allowed.
    static func encoded(_ text: String, allowing allowed: String = "") -> String {
        var encoded = ""
        for byte in text.utf8 {
            let scalar = UnicodeScalar(byte)
            let isUnreserved =
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": true
                default: false
                }
            if isUnreserved || (scalar.isASCII && allowed.unicodeScalars.contains(scalar)) {
                encoded.unicodeScalars.append(scalar)
            } else {
                encoded += "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
