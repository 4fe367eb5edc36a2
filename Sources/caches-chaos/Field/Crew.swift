/// The client processes of a run: at each position one at a time, and one after the other.
actor Crew {
    private let settings: ClientSettings
    /// By client.
    private let dsns: [[String]]
    /// By client, in order of time.
    private var processes: [[ClientProcess]]

    /// - Parameter dsns: For each client what it is to be configured with.
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

    /// Tells a client what to do, and returns what it answers; nil if it has ended.
    func carryOut(_ order: ClientOrder, by client: Int) async throws -> OrderedClient.Answer? {
        try await processes[client].last?.carryOut(order)
    }

    /// Tells all to end, and returns what they saw, when they have.
    func histories() async throws -> [History] {
        for process in processes.joined() { process.end() }
        var histories: [History] = []
        for process in processes.joined() {
            await process.hasEnded()
            histories.append(try process.history())
        }
        return histories
    }

    /// Ends all at once.
    func endAll() {
        for process in processes.joined() { process.endAtOnce() }
    }
}
