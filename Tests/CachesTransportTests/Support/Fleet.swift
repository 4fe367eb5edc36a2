import CachesTesting
import Synchronization
import Testing

@testable import CachesTransport

extension ConnectionConfiguration {
    /// The connection options for a server of a fleet.
    init(_ server: LocalServer, of fleet: LocalFleet) {
        let endpoint: Endpoint =
            switch server.port {
            case nil: .unix(path: server.socketPath)
            case let port?: .tcp(host: "localhost", port: port)
            }
        self.init(endpoint: endpoint, name: server.name)
        // Other tests keep the machine busy, and sanitizers make all of it slow: what a test pauses it
        // resumes late.
        stallTimeout = .seconds(120)
        connectTimeout = .seconds(60)
        if case .tls = server.options.transport, let certificates = fleet.certificates {
            var tls = TLSConfiguration()
            tls.authorityFile = certificates.authorityFile
            self.tls = tls
        }
        switch server.options.access {
        case .open: break
        case .password(let password): credentials = Credentials(password: Secret(password))
        case .user(let user, let password, _):
            credentials = Credentials(username: user, password: Secret(password))
        }
    }

    /// The connection options for a scripted server.
    init(_ server: ScriptedServer) {
        self.init(endpoint: .tcp(host: "127.0.0.1", port: server.port), name: "scripted")
    }
}

extension Connection {
    /// Sends a command of plain words.
    func send(_ words: String..., deadline: Deadline = .after(.seconds(120))) async throws -> Reply {
        try await send(deadline: deadline) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    /// Returns when `count` calls wait for their replies.
    func waits(for count: Int) async { await becomes { $0.waiting >= count } }

    /// Returns when the connection's state is as `condition` says, or it is over, or two minutes have passed:
    /// the test goes on then, and fails. It looks from the loop's timer, since a task that yields in a circle
    /// would take the time of those that it waits for.
    func becomes(_ condition: @Sendable (ConnectionStateMachine<Waiter>) -> Bool) async {
        let limit = Deadline.after(.seconds(120))
        while !limit.hasPassed, !shared.withLock({ condition($0.machine) || $0.machine.phase == .closed }) {
            await withCheckedContinuation { continuation in
                loop.schedule(after: .milliseconds(1)) { continuation.resume() }
            }
        }
    }
}

/// Opens a connection, calls `body`, and closes it however `body` ends.
func withConnection<Result>(
    _ configuration: ConnectionConfiguration, _ body: (Connection) async throws -> Result
) async throws -> Result {
    SecretWatch.begin()
    let connection = Connection(configuration)
    do {
        let result = try await body(connection)
        await connection.close()
        #expect(SecretWatch.found == [])
        return result
    } catch {
        await connection.close(deadline: .after(.milliseconds(1)))
        throw error
    }
}

/// Starts one server, opens a connection to it and calls `body`.
func withServer<Result>(
    _ options: LocalServer.Options, _ body: (Connection, LocalServer) async throws -> Result
) async throws -> Result {
    try await withLocalFleet([options]) { fleet in
        let server = fleet.servers[0]
        return try await withConnection(ConnectionConfiguration(server, of: fleet)) {
            try await body($0, server)
        }
    }
}
