/// Servers that run until they are stopped.
protocol Stoppable {
    /// Ends them all; returns when that is done. Harmless when repeated.
    func stop() async
}

/// Calls `body` with servers that have been started, and stops them however it ends.
func running<Servers: Stoppable, Result>(
    _ servers: Servers, _ body: (Servers) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(servers)
        await servers.stop()
        return result
    } catch {
        await servers.stop()
        throw error
    }
}
