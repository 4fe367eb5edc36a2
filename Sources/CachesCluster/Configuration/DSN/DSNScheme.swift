public import CachesTransport
private import Synchronization

/// The part of a DSN before `://`: the way to a server, and the kind of the deployment.
public struct DSNScheme: Sendable {
    /// The way to a server.
    enum Transport: Sendable {
        case tcp, tls, unix
    }

    /// The kind of the deployment.
    enum Kind: Sendable {
        case server, cluster, sentinel

        /// The port of the servers that the DSN names without one.
        var defaultPort: Int { self == .sentinel ? 26_379 : 6379 }
    }

    /// The scheme, in lower case.
    let name: String

    /// The way to a server.
    let transport: Transport

    let kind: Kind

    /// Changes the defaults before the DSN's own options are applied.
    var defaults: @Sendable (inout ConnectionConfiguration) -> Void = { _ in }

    /// The schemes that every program knows.
    static let builtIn: [DSNScheme] = [
        DSNScheme("redis", .tcp), DSNScheme("rediss", .tls),
        DSNScheme("valkey", .tcp), DSNScheme("valkeys", .tls),
        DSNScheme("unix", .unix), DSNScheme("redis+unix", .unix), DSNScheme("valkey+unix", .unix),
        DSNScheme("redis+cluster", .tcp, .cluster), DSNScheme("rediss+cluster", .tls, .cluster),
        DSNScheme("valkey+cluster", .tcp, .cluster), DSNScheme("valkeys+cluster", .tls, .cluster),
        DSNScheme("redis+sentinel", .tcp, .sentinel), DSNScheme("rediss+sentinel", .tls, .sentinel),
        DSNScheme("valkey+sentinel", .tcp, .sentinel), DSNScheme("valkeys+sentinel", .tls, .sentinel),
    ]

    /// Schemes that programs have added.
    private static let registered = Mutex<[String: DSNScheme]>([:])

    private init(_ name: String, _ transport: Transport, _ kind: Kind = .server) {
        self.name = name
        self.transport = transport
        self.kind = kind
    }

    /// Finds a scheme by its name, which must be in lower case.
    static func named(_ name: String) throws(ConfigurationFault) -> DSNScheme {
        let added = registered.withLock { $0 }
        if let scheme = builtIn.first(where: { $0.name == name }) ?? added[name] { return scheme }
        let known = builtIn.map(\.name) + added.keys.sorted()
        let suggestion = Suggestion.suggestion(for: name, among: known)
        throw ConfigurationFault(
            "the scheme is not one of \(known.joined(separator: ", ")).",
            advice: suggestion.map { "Did you mean \($0)://?" })
    }

    /// Adds a scheme to those that a DSN may begin with, for the whole process.
    ///
    /// ```swift
    /// try DSNScheme.register("acme", as: "rediss") { connection in
    ///     connection.tls?.authorityFile = "/etc/acme/ca.pem"
    /// }
    /// // acme://cache.acme.example#main
    /// ```
    ///
    /// Register before the first pool is made: DSNs are read when their pool is.
    ///
    /// - Parameters:
    ///   - name: Letters, digits, `+`, `-`, `.` and `_`, in any case.
    ///   - base: The known scheme by which the server is reached: `redis`, `rediss`, `unix`, …
    ///   - defaults: Changes the defaults. The options of a DSN are applied after it and win.
    /// - Throws: ``CachesError`` with code `configuration` if the name is no valid scheme or is taken, or if
    ///   the base is unknown.
    public static func register(
        _ name: String, as base: String,
        defaults: @escaping @Sendable (inout ConnectionConfiguration) -> Void = { _ in }
    ) throws(CachesError) {
        let name = name.lowercased()
        do throws(ConfigurationFault) {
            guard !name.isEmpty, name.utf8.allSatisfy(DSN.isAllowedInScheme) else {
                throw ConfigurationFault("a scheme is made of letters, digits, '+', '-', '.' and '_'.")
            }
            let base = try named(base.lowercased())
            var scheme = DSNScheme(name, base.transport, base.kind)
            scheme.defaults = { connection in
                base.defaults(&connection)
                defaults(&connection)
            }
            let isNew = registered.withLock { known in
                guard known[name] == nil, !builtIn.contains(where: { $0.name == name }) else { return false }
                known[name] = scheme
                return true
            }
            guard isNew else { throw ConfigurationFault("the scheme \(name) is known already.") }
        } catch {
            throw error.error(in: "registering a DSN scheme")
        }
    }
}
