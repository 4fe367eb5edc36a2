import Caches
import CachesTransport
import Foundation

/// Records the events of a client process other than its calls.
struct Observers: Sendable {
    let pool: CachePool
    let names: [String]
    let writer: HistoryWriter

    /// Records the changes of the nodes' health until the pool is closed.
    func watchHealth() async {
        for await event in pool.events {
            guard let node = names.firstIndex(of: event.node) else { continue }
            let time = MachineClock.now - Int64((ContinuousClock.now - event.time) / .microseconds(1))
            if event.to == .rejoining { writer.write(.looking(node: node, time: time)) }
            guard event.from.isOut != event.to.isOut else { continue }
            writer.write(.health(node: node, isOut: event.to.isOut, time: time))
        }
    }

    /// Records the process' descriptors and memory, once a second.
    func watchResources() async {
        while !Task.isCancelled {
            writer.write(
                .resources(
                    time: MachineClock.now, descriptors: Self.descriptors, kibibytes: Self.residentKibibytes))
            writer.beginToFlush()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Looks for times in which the process wanted to run but could not: on the pool of threads that runs
    /// tasks, and on the event loop.
    func stallWatches() -> [Task<Void, Never>] {
        [Task { await watchStalls() }, Task(executorPreference: EventLoops.forTasks) { await watchStalls() }]
    }

    private func watchStalls() async {
        while !Task.isCancelled {
            let due = MachineClock.now + Self.interval
            try? await Task.sleep(for: .microseconds(Self.interval))
            let now = MachineClock.now
            if now - due > Self.interval { writer.write(.stall(begin: due, end: now)) }
        }
    }

    private static let interval: Int64 = 5000

    private static var descriptors: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }

    /// The second number of `/proc/self/statm` (proc(5)): pages in memory.
    private static var residentKibibytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }
}
