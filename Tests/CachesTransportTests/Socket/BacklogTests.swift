import CachesTesting
import Foundation
import Testing

@testable import CachesTransport

@Suite("A unix socket whose queue of connections is full")
struct BacklogTests {
    /// Fills the queue of a server that does not run, and returns the sockets that fill it.
    private func fill(_ address: Address) -> [Socket] {
        var sockets: [Socket] = []
        while sockets.count < 10_000 {
            guard case .success(let socket) = Socket.connect(to: address) else { break }
            sockets.append(socket)
        }
        return sockets
    }

    @Test(
        "A unix socket whose queue of connections is full is waited for within the time for opening, and then is not an outage"
    )
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
                let answer = Task { try await connection.send("PING") }
                await connection.waits(for: 1)
                server.resume()
                let pong = try await answer.value
                #expect(pong == .status("PONG"))
            }
            for socket in sockets { socket.close() }
        }
    }
}

#if os(Linux)
    /// Here the system drops the packet that asks for a connection, as networks do now and then.
    @Suite("A TCP socket whose queue of connections is full")
    struct LostPacketTests {
        /// How many connections to a port of this machine have not been answered yet.
        private func unanswered(_ port: Int) throws -> Int {
            // In state SYN_SENT. Bytes are searched, since it takes long to take the lines apart.
            let wanted = Data(String(format: "0100007F:%04X 02 ", port).utf8)
            // By a handle: `Data(contentsOf:)` ends after the first page of such a file.
            let table = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp")).readToEnd() ?? Data()
            var (count, rest) = (0, table.startIndex..<table.endIndex)
            while let found = table.range(of: wanted, in: rest) {
                count += 1
                rest = found.upperBound..<table.endIndex
            }
            return count
        }

        @Test(
            "A TCP socket whose queue of connections is full costs no call the second until TCP sends the packet again"
        )
        func isTriedAgain() async throws {
            try await withLocalFleet([LocalServer.Options(lines: ["tcp-backlog 1"])]) { fleet in
                let server = fleet.servers[0]
                let port = try #require(server.port)
                let endpoint = Endpoint.tcp(host: "127.0.0.1", port: port)
                let address = try #require(try Resolver.literalAddresses(of: endpoint)?.first)
                var configuration = ConnectionConfiguration(server, of: fleet)
                configuration.endpoint = endpoint
                var isInTime = false
                // On a busy machine some calls are late; if TCP were waited for, all of them would be.
                for _ in 0..<30 where !isInTime {
                    server.pause()
                    var sockets: [Socket] = []
                    defer { for socket in sockets { socket.close() } }
                    while try unanswered(port) < 3, sockets.count < 1000 {
                        sockets.append(try Socket.connect(to: address).get())
                    }
                    let before = try unanswered(port)
                    isInTime = try await withConnection(configuration) { connection in
                        let deadline = Deadline.after(.milliseconds(900))
                        let call = Task { try await connection.send("PING", deadline: deadline) }
                        while try unanswered(port) <= before, !deadline.hasPassed {
                            await withCheckedContinuation { continuation in
                                EventLoops.forTasks.schedule(after: .milliseconds(1)) {
                                    continuation.resume()
                                }
                            }
                        }
                        server.resume()
                        return (try? await call.value) != nil
                    }
                }
                #expect(isInTime)
            }
        }
    }
#endif
