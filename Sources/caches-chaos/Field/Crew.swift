/// The client processes of a run: at each position one at a time, and one after the other.
actor Crew {
    private let settings: ClientSettings
    /// The DSNs by client.
    private let dsns: [[String]]
    /// The processes by client, in order of time.
    private var processes: [[ClientProcess]]

    /// - Parameter dsns: The DSNs for each client's configuration.
    init(dsns: [[String]], settings: ClientSettings) {
        self.dsns = dsns
        self.settings = settings
        processes = Array(repeating: [], count: dsns.count)
    }

    /// Starts a client, after the one that had its position before.
    func start(_ client: Int) throws {
        processes[client].append(
            try ClientProcess(
                index: client, generation: processes[client].count, dsns: dsns[client], settings: settings))
    }

    func setStopped(_ client: Int, _ isStopped: Bool) { processes[client].last?.setStopped(isStopped) }

    func endAtOnce(_ client: Int) { processes[client].last?.endAtOnce() }

    /// Sends a client an order, and returns its answer; nil if it has ended.
    func carryOut(_ order: ClientOrder, by client: Int) async throws -> OrderedClient.Answer? {
        try await processes[client].last?.carryOut(order)
    }

    /// Tells all clients to end, waits for that, and returns what they saw.
    func histories() async throws -> [History] {
        for process in processes.joined() { process.end() }
        var histories: [History] = []
        for process in processes.joined() {
            await process.hasEnded()
            histories.append(try process.history())
        }
        return histories
    }

    /// Kills all clients.
    func endAll() {
        for process in processes.joined() { process.endAtOnce() }
    }
}
