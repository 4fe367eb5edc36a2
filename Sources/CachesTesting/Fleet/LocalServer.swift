import CachesPlatform
import Synchronization

/// One real server of a ``LocalFleet``: a `redis-server` process that a test can kill, pause and restart.
///
/// ```swift
/// let server = fleet.servers[0]
/// server.pause()                       // SIGSTOP: connections stay open, and nothing answers
/// server.resume()                      // SIGCONT
/// server.kill()                        // SIGKILL: connections are reset, and its port refuses
/// try await server.restart()           // the same address, and no data; or .itsData
/// let size = try await server.command("DBSIZE").integer
/// ```
public final class LocalServer: Sendable {
    /// The node's name.
    public let name: String

    /// The server's options.
    public let options: Options

    /// The TCP port, nil for a unix socket. It stays the same, and reserved, while the server is down.
    public let port: Int?

    /// The unix socket that every server has, whatever its transport. A restarted server makes it again.
    public let socketPath: String

    /// The DSN that clients are configured with: address, credentials, certificates and name.
    public let dsn: String

    let supervisor: Supervisor
    private let administrator: Administrator
    /// The name of the server's folder inside the fleet's.
    let folder: String
    /// The reservations of its port, and of the port on which the nodes of a cluster talk to each other.
    private let reservations: Mutex<[PortReservation]>
    private let process = Mutex(RunningProcess())

    /// The port on which the nodes of a cluster talk to each other, nil for a server outside a cluster.
    let busPort: UInt16?

    init(
        _ options: Options, position: Int, supervisor: Supervisor, certificates: TestCertificates?,
        administrator: Administrator = Administrator(), cluster: ClusterNodeSettings? = nil
    ) throws(FleetError) {
        self.options = options
        self.supervisor = supervisor
        name = options.name ?? "redis\(position)"
        folder = "\(position)"
        self.administrator = administrator
        let path = "\(supervisor.folder)/\(folder)"
        socketPath = path + "/redis.sock"

        let reservation: PortReservation? = options.transport == .unix ? nil : try PortReservation.make()
        let number = reservation?.port
        port = number.map { Int($0) }
        busPort = cluster?.bus.port
        dsn = DSNText.text(
            options, name: name, port: port, socketPath: socketPath, certificates: certificates)
        let configuration = RedisConfiguration(
            options, folder: path, port: number, addresses: reservation?.addresses ?? ["127.0.0.1"],
            administrator: administrator, certificates: certificates, cluster: cluster)
        reservations = Mutex([reservation, cluster?.bus].compactMap(\.self))
        try makePrivateFolder(path)
        try writePrivateFile(path + "/redis.conf", configuration.text)
    }

    /// Whether the process runs; a paused one does.
    public var isRunning: Bool { process.withLock { $0.number.map(CachesTesting.isRunning) } ?? false }

    /// Whether the process runs and is not paused.
    var isServing: Bool { !process.withLock(\.isPaused) && isRunning }

    /// When the process was killed or paused last.
    var silentSince: ContinuousClock.Instant? { process.withLock(\.silentSince) }

    /// The process number, nil while the server is down.
    public var processIdentifier: Int32? { process.withLock(\.number) }

    /// The last 4 096 bytes of the server's log.
    public var log: String { readFile("\(supervisor.folder)/\(folder)/log", tail: 4096) ?? "" }

    /// Ends the process by SIGKILL, as a crash would, and returns when it has ended. All data is lost.
    ///
    /// Like ``pause()`` and ``resume()`` it does nothing to a server that is down, and blocks for about a
    /// millisecond.
    public func kill() {
        process.withLock { process in
            process.falls()
            if let running = process.number { supervisor.kill(running) }
            process.number = nil
        }
    }

    /// Freezes the process by SIGSTOP, as a machine out of memory or a long fork would: connections stay
    /// open, the kernel accepts new ones, and nothing answers until ``resume()``.
    public func pause() {
        process.withLock { process in
            guard let running = process.number else { return }
            process.falls()
            process.isPaused = true
            supervisor.pause(running)
        }
    }

    /// Lets a paused process go on, by SIGCONT. It answers the commands that have arrived meanwhile.
    public func resume() {
        process.withLock { process in
            guard let running = process.number else { return }
            supervisor.resume(running)
            process.isPaused = false
        }
    }

    /// Starts the server again at the same address, and returns when it answers. A server that still runs is
    /// killed first.
    ///
    /// - Parameter contents: its data after the start. Default: nothing.
    /// - Parameter deadline: how long it may take. Default 60 s, for machines that
    ///     do much else at the same time; a quiet one takes a tenth of a second.
    /// - Throws: ``FleetError`` if it doesn't start in time, or the fleet has been stopped;
    ///   `CancellationError` if the task is cancelled.
    public func restart(
        _ contents: Contents = .nothing, deadline: Duration = .seconds(60)
    ) async throws {
        guard contents == .nothing || options.keepsData else {
            throw FleetError(
                .startFailed, "\(name) can't be restarted with its data: it kept none.",
                advice: "Set keepsData in its options.")
        }
        try await blocking(within: deadline) { patience in
            try self.start(contents)
            try self.waitUntilReady(patience)
        }
    }

    /// Sends one command over the server's unix socket, as an administrator whatever its clients must show.
    ///
    /// - Parameter timeout: how long to wait for the reply, which a paused server never sends. Default 5 s.
    /// - Throws: ``FleetError`` if the server is down or paused, or answers with an error.
    @discardableResult
    public func command(
        _ words: String..., timeout: Duration = .seconds(5)
    ) async throws(FleetError) -> ServerReply {
        try await blocking { () throws(FleetError) in try self.ask(words, timeout: timeout) }
    }

    /// Sends one command made of an array of words.
    @discardableResult
    public func command(
        _ words: [String], timeout: Duration = .seconds(5)
    ) async throws(FleetError) -> ServerReply {
        try await blocking { () throws(FleetError) in try self.ask(words, timeout: timeout) }
    }

    /// Sends several commands at once, each made of words of bytes. The first error among the replies is
    /// thrown, when all have come.
    @discardableResult
    package func commands(
        _ commands: [[[UInt8]]], timeout: Duration = .seconds(5)
    ) async throws(FleetError) -> [ServerReply] {
        try await blocking { () throws(FleetError) in
            try self.connect(timeout: timeout).commands(commands)
        }
    }

    /// The same, blocking.
    @discardableResult
    func ask(_ words: [String], timeout: Duration = .seconds(5)) throws(FleetError) -> ServerReply {
        try connect(timeout: timeout).command(words)
    }
}

extension LocalServer {
    /// Connects as an administrator. `timeout` bounds each wait for the server.
    func connect(timeout: Duration) throws(FleetError) -> AdminConnection {
        try AdminConnection.open(path: socketPath, as: administrator, timeout: timeout)
    }

    /// Starts the process, in place of one that may run.
    func start(_ contents: Contents = .nothing) throws(FleetError) {
        #if !os(Linux)
            releasePorts()
        #endif
        try process.withLock { process throws(FleetError) in
            if let running = process.number { supervisor.kill(running) }
            process = RunningProcess()
            if options.keepsData, contents == .nothing { try removeData() }
            process.number = try supervisor.start(in: folder)
        }
    }

    /// Removes the server's log of writes: a file, or, since Redis 7, a folder of files.
    private func removeData() throws(FleetError) {
        let path = "\(supervisor.folder)/\(folder)"
        try removeFile(path + "/appendonly.aof")
        for name in fileNames(in: path + "/appendonlydir") { try removeFile(path + "/appendonlydir/" + name) }
    }

    /// Blocks until the server answers.
    func waitUntilReady(_ patience: Patience) throws {
        var interval: Int32 = 1
        while true {
            // Redis can't tell when it is ready: it has to be asked.
            do throws(FleetError) {
                _ = try ask(["PING"], timeout: patience.remaining)
                return
            } catch {
                guard isRunning else {
                    throw FleetError(
                        .startFailed, "\(name) ended while it started. Its log ends with:\n\(log)")
                }
                guard !patience.hasEnded else {
                    throw FleetError(
                        .timeout,
                        "\(name) didn't answer in time: \(error.message) Its log ends with:\n\(log)")
                }
            }
            try patience.pause(milliseconds: interval)
            interval = min(interval * 2, 16)
        }
    }

    /// Gives the ports back to the system.
    private func releasePorts() { reservations.withLock { $0 = [] } }

    /// The fleet has killed the server.
    func hasStopped() {
        process.withLock { $0 = RunningProcess() }
        releasePorts()
    }
}

/// The process of a server, as far as the fleet knows.
private struct RunningProcess {
    /// nil while there is none.
    var number: pid_t?
    var isPaused = false
    var silentSince: ContinuousClock.Instant?

    /// It is about to be killed or paused. The earlier time counts for one that is paused and then killed.
    mutating func falls() {
        if number != nil, !isPaused { silentSince = .now }
    }
}
