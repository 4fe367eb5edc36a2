import ArgumentParser
import Caches
import Foundation
import Logging

/// One client process of a run. It works until its standard input ends, and records everything that it saw.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Is one client of a run; the run starts it.", shouldDisplay: false)

    @OptionGroup var calls: CallOptions
    @OptionGroup var load: LoadOptions

    @Option(help: "This client's position.")
    var index = 0

    @Option(help: "How many processes had this position before.")
    var generation = 0

    @Option(help: "The file to write to.")
    var history: String

    @Flag(help: "Carry out orders from standard input rather than a load.")
    var ordered = false

    func run() async throws {
        let pool = try makePool()
        let writer = try HistoryWriter(path: history)
        let workload = try Workload(
            client: index, generation: generation, load: load, pool: pool, writer: writer)
        let observers = Observers(pool: pool, names: workload.names, writer: writer)
        let watching =
            [Task { await observers.watchHealth() }, Task { await observers.watchResources() }]
            + observers.stallWatches()
        let work = Task { [ordered] in if !ordered { await workload.run() } }

        let client = OrderedClient(pool: pool, workload: workload)
        for await line in Self.standardInput() where ordered {
            let answer = await client.carryOut(line)
            // Not by `print`, which buffers the output to a pipe.
            try FileHandle.standardOutput.write(contentsOf: Data("\(answer)\n".utf8))
        }
        workload.stop()
        let patience = Task { try await Task.sleep(for: .milliseconds(calls.deadline) + .seconds(5)) }
        let end = Task {
            await work.value
            patience.cancel()
        }
        _ = await patience.result
        writer.write(.end(pending: workload.pending))
        writer.flush()
        guard workload.pending == 0 else { Foundation.exit(0) }
        await end.value
        for task in watching { task.cancel() }
        await pool.close()
    }

    private func makePool() throws -> CachePool {
        var configuration = try PoolConfiguration.processEnvironment()
        configuration.deadline = .milliseconds(calls.deadline)
        configuration.outagePolicy = calls.policy.outagePolicy
        if let mutation = calls.mutation { configuration.returnRules = mutation.rules }
        for index in configuration.nodes.indices {
            configuration.nodes[index].connection.maximumReplyBytes = LoadSizes.clientLimit
        }
        return try CachePool(configuration, logger: Logger(label: "chaos") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The lines of standard input, until the parent process closes it or ends.
    private static func standardInput() -> AsyncStream<String> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                while let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
    }
}

extension Policy {
    /// The policy for a pool.
    var outagePolicy: OutagePolicy {
        switch self {
        case .gutter: .gutter
        case .fail: .fail
        case .miss: .miss
        }
    }
}

/// How much the clients do.
struct LoadOptions: ParsableArguments {
    @Option(help: "How many client processes.")
    var clients = 4

    @Option(help: "How many tasks in each.")
    var tasks = 4

    @Option(help: "How many keys each task writes.")
    var keys = 8

    @Flag(inversion: .prefixedNo, help: "Whether some calls are larger than servers or clients take.")
    var oversized = true

    @Option(help: "The seed of the load and the faults.")
    var seed: UInt64 = 1
}
