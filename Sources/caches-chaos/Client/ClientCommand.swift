import ArgumentParser
import Caches
import Foundation
import Logging

/// One client process of a run. It works until its standard input ends, and writes down all that it saw.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "One client of a run, which starts it.", shouldDisplay: false)

    @OptionGroup var calls: CallOptions
    @OptionGroup var load: LoadOptions

    @Option(help: "This client's position.")
    var index = 0

    @Option(help: "The file to write to.")
    var history: String

    func run() async throws {
        var configuration = try PoolConfiguration.processEnvironment()
        configuration.deadline = .milliseconds(calls.deadline)
        configuration.outagePolicy = calls.policy.outagePolicy
        configuration.returnRules.removesOld = calls.journal == .on
        let pool = try CachePool(
            configuration, logger: Logger(label: "chaos") { _ in SwiftLogNoOpLogHandler() })
        let writer = try HistoryWriter(path: history)
        let workload = try Workload(
            client: index, load: load, pool: pool, writer: writer)
        let observers = Observers(pool: pool, names: workload.names, writer: writer)
        let watching =
            [Task { await observers.watchHealth() }, Task { await observers.watchResources() }]
            + observers.stallWatches()
        let work = Task { await workload.run() }

        await Self.standardInputEnds()
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

    /// Returns when whoever started this process has closed its standard input, or has gone.
    private static func standardInputEnds() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = try? FileHandle.standardInput.readToEnd()
                continuation.resume()
            }
        }
    }
}

extension Policy {
    /// As pools know it.
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

    @Option(help: "What load and faults follow from.")
    var seed: UInt64 = 1
}
