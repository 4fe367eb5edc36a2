import CachesTransport

// Interprets the parts of a DSN.
extension DSN {
    /// The longest path of a unix socket, `sun_path` without its zero byte: 108 bytes on Linux, 104 on
    /// Darwin.
    private static let longestSocketPath = 103

    /// The user and the password, nil if there is no `@`.
    func credentials() throws(ConfigurationFault) -> Credentials? {
        guard let userInformation else { return nil }
        let colon = userInformation.firstIndex(of: UInt8(ascii: ":"))
        let user = try colon.map { colon throws(ConfigurationFault) in
            try PercentEncoding.decode(userInformation[..<colon], of: "the user name")
        }
        let password = try PercentEncoding.decode(
            colon.map { userInformation[($0 + 1)...] } ?? userInformation, of: "the password")
        guard !password.isEmpty else {
            throw ConfigurationFault(
                "the password before the '@' is empty.",
                advice: "Is a variable in it unset? Without a password leave out all that precedes the host.")
        }
        return Credentials(username: user == "" ? nil : user, password: Secret(password))
    }

    /// The user, if the password is in a file: `user:@`. nil for the default one.
    func userOfPasswordFile() throws(ConfigurationFault) -> String? {
        guard let userInformation else { return nil }
        let parts = userInformation.split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].isEmpty else {
            throw ConfigurationFault(
                "there is a password before the '@', and the option password-file names another.",
                advice: "With password-file write the user and a colon, user:@, or neither.")
        }
        return parts[0].isEmpty ? nil : try PercentEncoding.decode(parts[0], of: "the user name")
    }

    /// The host and the port, of one server.
    func server() throws(ConfigurationFault) -> Endpoint {
        guard !address.contains(UInt8(ascii: ",")) else {
            throw ConfigurationFault(
                "several hosts are named, and \(scheme):// leads to one server.",
                advice: "Give each server a DSN of its own, or begin with \(scheme)+cluster:// or "
                    + "\(scheme)+sentinel:// if they are a cluster or Sentinels.")
        }
        return try Self.server(address, defaultPort: DSNScheme.Kind.server.defaultPort)
    }

    /// Hosts and ports with commas between them; each occurs once.
    func servers(defaultPort: Int) throws(ConfigurationFault) -> [Endpoint] {
        var servers: [Endpoint] = []
        for part in address.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard !part.isEmpty || address.isEmpty else {
                throw ConfigurationFault(
                    "there is no host before or after a ','.", advice: "Is a variable in it unset?")
            }
            let server = try Self.server(part, defaultPort: defaultPort)
            guard !servers.contains(server) else {
                throw ConfigurationFault("the same host and port stand there twice.")
            }
            servers.append(server)
        }
        return servers
    }

    private static func server(
        _ address: ArraySlice<UInt8>, defaultPort: Int
    ) throws(ConfigurationFault) -> Endpoint {
        let host: String
        let rest: ArraySlice<UInt8>
        if address.first == UInt8(ascii: "[") {
            guard let close = address.firstIndex(of: UInt8(ascii: "]")) else {
                throw ConfigurationFault("the bracket before the IPv6 address is never closed.")
            }
            host = try addressOfVersion6(address[address.startIndex + 1..<close])
            rest = address[(close + 1)...]
            guard rest.isEmpty || rest.first == UInt8(ascii: ":") else {
                throw ConfigurationFault("only a ':' and a port may follow the bracket of an IPv6 address.")
            }
        } else {
            let colon = address.firstIndex(of: UInt8(ascii: ":")) ?? address.endIndex
            rest = address[colon...]
            guard !rest.dropFirst().contains(UInt8(ascii: ":")) else {
                throw ConfigurationFault(
                    "more than one ':' stands between the host and its port.",
                    advice: "Put an IPv6 address in brackets: redis://[::1]:6379.")
            }
            host = try hostName(address[..<colon])
        }
        return .tcp(host: host, port: try port(rest) ?? defaultPort)
    }

    /// The path of the socket.
    func socket() throws(ConfigurationFault) -> Endpoint {
        guard address.isEmpty, path.count > 1 else {
            let instead = address.isEmpty ? "none" : "a host"
            throw ConfigurationFault(
                "a \(scheme) DSN needs the absolute path of a socket, and has \(instead).",
                advice: "Write three slashes: \(scheme):///run/redis.sock?db=0#name.")
        }
        let path = try PercentEncoding.decode(path, of: "the path of the socket")
        guard path.utf8.count <= Self.longestSocketPath else {
            throw ConfigurationFault(
                "the path of the socket has \(path.utf8.count) bytes, and the system takes "
                    + "\(Self.longestSocketPath) at most.",
                advice: "Put the socket, or a link to its folder, nearer to the root.")
        }
        return .unix(path: path)
    }

    /// The Sentinels' name for the primary, and the database, nil for none.
    func service() throws(ConfigurationFault) -> (name: String, database: Int?) {
        let rest = path.dropFirst()
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let name = try PercentEncoding.decode(rest[..<end], of: "the primary's name")
        guard !name.isEmpty, !name.hasBlank else {
            throw ConfigurationFault(
                "the Sentinels' name for the primary is missing or malformed.",
                advice: "Write \(scheme)://host,host/mymaster/0, with the name after `sentinel "
                    + "monitor` in their configuration.")
        }
        return (name, try Self.database(rest[end...]))
    }

    /// The database that the path names, nil for none.
    func database() throws(ConfigurationFault) -> Int? { try Self.database(path) }

    private static func database(_ path: ArraySlice<UInt8>) throws(ConfigurationFault) -> Int? {
        var digits = path.dropFirst()
        if digits.count > 1, digits.last == UInt8(ascii: "/") { digits.removeLast() }
        guard !digits.isEmpty else { return nil }
        let form = OptionForm.count(from: 0)
        guard let database = form.parse(String(decoding: digits, as: UTF8.self)) else {
            throw ConfigurationFault(
                "the database after the '/' is not \(form.description).",
                advice: "Write redis://host:6379/2 for database 2.")
        }
        return database
    }

    /// The node's name and its group, nil if there is no `#`.
    func name() throws(ConfigurationFault) -> (name: String, group: String?)? {
        guard let fragment else { return nil }
        let name = try PercentEncoding.decode(fragment, of: "the name after the '#'")
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !name.hasBlank, !name.utf8.contains(UInt8(ascii: "#")), parts.count <= 2,
            parts.allSatisfy({ !$0.isEmpty })
        else {
            throw ConfigurationFault(
                name.isEmpty ? "the name after the '#' is empty." : "the text after the '#' is not a name.",
                advice: "Write #name or #group/name, without spaces, or leave out the '#'.")
        }
        return (name, parts.count == 2 ? String(Substring(parts[0])) : nil)
    }

    private static func hostName(_ bytes: ArraySlice<UInt8>) throws(ConfigurationFault) -> String {
        guard !bytes.isEmpty else {
            throw ConfigurationFault("there is no host.", advice: "Write \(form).")
        }
        guard bytes.count <= 253, bytes.allSatisfy({ $0.isASCIILetterOrDigit || "-._".utf8.contains($0) })
        else {
            throw ConfigurationFault(
                "the host is not a host name: letters, digits, '-', '.' and '_', 253 at most.",
                advice: "Write an international name in its xn-- form, and an IPv6 address in brackets.")
        }
        // Host names are case-insensitive, and the host may be the node's identity.
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }

    private static func addressOfVersion6(_ bytes: ArraySlice<UInt8>) throws(ConfigurationFault) -> String {
        // RFC 6874: a zone follows the address after a '%', which is escaped as everywhere else.
        let text = try PercentEncoding.decode(bytes, of: "the IPv6 address").lowercased()
        let parts = text.utf8.split(
            separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
        let isZone: (UInt8) -> Bool = { $0.isASCIILetterOrDigit || "-._~".utf8.contains($0) }
        guard parts[0].filter({ $0 == UInt8(ascii: ":") }).count >= 2,
            parts[0].allSatisfy({ "0123456789abcdef:.".utf8.contains($0) }),
            parts.count == 1 || !parts[1].isEmpty && parts[1].allSatisfy(isZone)
        else {
            throw ConfigurationFault("the text in the brackets is not an IPv6 address.")
        }
        return text
    }

    /// The port after its colon, nil without one.
    private static func port(_ bytes: ArraySlice<UInt8>) throws(ConfigurationFault) -> Int? {
        guard !bytes.isEmpty else { return nil }
        let digits = String(decoding: bytes.dropFirst(), as: UTF8.self)
        guard !digits.isEmpty else {
            throw ConfigurationFault(
                "there is no port after the ':'.",
                advice: "Is a variable in it unset? For the usual port leave out the ':'.")
        }
        guard let port = digits.wholeNumber, 1...65_535 ~= port else {
            throw ConfigurationFault(
                "the port is not a number from 1 to 65535.",
                advice: "Write host:port; a password stands before an '@', with its '/', '?' and '#' "
                    + "percent-encoded.")
        }
        return port
    }
}
