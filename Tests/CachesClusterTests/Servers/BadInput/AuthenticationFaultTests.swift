import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Wrong users, passwords and databases.
@Suite struct AuthenticationFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let access: LocalServer.Access
        let mistake: @Sendable (inout ConnectionConfiguration) -> Void
        let code: CachesError.Code
        let says: [String]
        /// The order of an administrator to the server that puts it right; nil if nothing helps.
        let remedy: [String]?

        init(
            _ description: String, _ access: LocalServer.Access, _ code: CachesError.Code, _ says: [String],
            remedy: [String]? = nil, _ mistake: @escaping @Sendable (inout ConnectionConfiguration) -> Void
        ) {
            testDescription = description
            (self.access, self.mistake, self.code) = (access, mistake, code)
            (self.says, self.remedy) = (says, remedy)
        }
    }

    static let cases = [
        Case(
            "wrong password", .password("right"), .authentication,
            ["refused the password of the default user", "WRONGPASS", "percent-encoded"],
            remedy: ["CONFIG", "SET", "requirepass", secret]
        ) { $0.credentials?.password = Secret(secret) },
        Case(
            "wrong password of a user", .user("app", password: "right"), .authentication,
            ["refused the password of the user app", "WRONGPASS"],
            remedy: ["ACL", "SETUSER", "app", ">" + secret]
        ) { $0.credentials?.password = Secret(secret) },
        Case(
            "unknown user", .user("app", password: secret), .authentication,
            ["refused the password of the user ap", "Check the user and password"],
            remedy: ["ACL", "SETUSER", "ap", "on", ">" + secret, "~*", "+@all"]
        ) { $0.credentials?.username = "ap" },
        Case(
            "password where none is set", .open, .authentication,
            ["has a password for the default user", "the server has none set", "Take the password out"],
            remedy: ["CONFIG", "SET", "requirepass", secret]
        ) { $0.credentials = Credentials(password: Secret(secret)) },
        Case(
            "no password where one is needed", .password(secret), .authentication,
            ["asks for a password", "redis://user:password@host"],
            remedy: ["CONFIG", "SET", "requirepass", ""]
        ) { $0.credentials = nil },
        Case(
            "no user where the default one is off", .user("app", password: secret), .authentication,
            ["asks for a password"], remedy: ["ACL", "SETUSER", "default", "on", "nopass", "+@all"]
        ) { $0.credentials = nil },
        Case(
            "database that the server has not", .password(secret), .configuration,
            ["no database 16", "below the server's `databases` setting"]
        ) { $0.database = 16 },
        Case(
            "database that the user may not choose",
            .user("app", password: secret, rules: "~* &* +@all -select"), .authentication,
            ["may not choose database 1", "+select"], remedy: ["ACL", "SETUSER", "app", "+select"]
        ) { $0.database = 1 },
        Case(
            "command that the user may not send", .user("app", password: secret, rules: "~* +get"),
            .authentication, ["NOPERM", "ACL SETUSER"], remedy: ["ACL", "SETUSER", "app", "+ping"]
        ) { _ in },
    ]

    @Test(
        "Each has its own error, and the node works once the server is put right", arguments: cases,
        everyTransport)
    func fault(_ fault: Case, _ transport: LocalServer.Transport) async throws {
        let bad = LocalServer.Options(name: "bad", transport: transport, access: fault.access)
        try await withLocalFleet([bad, LocalServer.Options(name: "good")]) { fleet in
            let node = try fleet.servers[0].node { fault.mistake(&$0.connection) }
            try await withFault(of: node, beside: fleet.servers[1]) { error, node in
                #expect(error.code == fault.code)
                for text in fault.says { #expect("\(error)".contains(text), "\(error)") }
                guard let remedy = fault.remedy else { return }
                try await fleet.servers[0].command(remedy)
                try await node.recovers()
            }
        }
    }

    @Test("A command that the user may not run fails alone: the node stays in use, with its connection")
    func forbidden() async throws {
        let access = LocalServer.Access.user("app", password: secret, rules: "~* +get +ping +client|setname")
        try await withLocalFleet([.init(name: "a", access: access)]) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("GET", "key")
                let before = try await fleet.servers[0].clients().map { $0["id"] }
                for _ in 0..<5 {
                    let error = await #expect(throws: CachesError.self) {
                        try await node.send("SET", "key", "1")
                    }
                    #expect(error?.code == .authentication)
                    _ = try await node.send("GET", "key")
                }
                let after = try await fleet.servers[0].clients().map { $0["id"] }
                #expect(after == before)
                #expect(node.health == .healthy)
            }
        }
    }
}
