import CachesTesting
import Testing

@testable import CachesTransport

@Suite("A unix socket whose queue of connections is full")
struct BacklogTests {
    /// Fills the queue of a server that does not run, and returns what fills it.
    private func fill(_ address: Address) -> [Socket] {
        var sockets: [Socket] = []
        while sockets.count < 10_000 {
            guard case .success(let socket) = Socket.connect(to: address) else { break }
            sockets.append(socket)
        }
        return sockets
    }

    @Test("is waited for within the time for opening, and then is no outage")
    func waits() async throws {
        let options = LocalServer.Options(transport: .unix, lines: ["tcp-backlog 2"])
        try await withLocalFleet([options]) { fleet in
            let server = fleet.servers[0]
            let address = try #require(Address(unixPath: server.socketPath))
            var configuration = ConnectionConfiguration(server, of: fleet)
            server.pause()
            let sockets = fill(address)
            #expect(sockets.count < 10_000)

            configuration.connectTimeout = .milliseconds(100)
            let error = await #expect(throws: CachesError.self) {
                try await withConnection(configuration) { try await $0.send("PING") }
            }
            #expect(error?.code == .timeout)
            #expect(error?.message.contains("full of connections") == true, "\(error?.description ?? "")")
            #expect(error?.advice?.contains("tcp-backlog") == true)

            configuration.connectTimeout = .seconds(60)
            try await withConnection(configuration) { connection in
                async let answer = connection.send("PING")
                await connection.waits(for: 1)
                server.resume()
                let pong = try await answer
                #expect(pong == .status("PONG"))
            }
            for socket in sockets { socket.close() }
        }
    }
}
