import CYardsticks
import CachesTerminal
import Foundation

/// The time and memory that some operations took.
struct Outcome: Sendable {
    var operations: Int
    var duration: Duration
    /// The client's time on the processor, user and system, in microseconds.
    var processorMicroseconds: Double
    var latencies: Latencies
    /// The number of allocations; nil if another process did the work.
    var allocations: Int?
    /// The most memory the process had meanwhile, in bytes.
    var peakBytes: Int?

    var perSecond: Double { Double(operations) / (duration / .seconds(1)) }
    var microsecondsEach: Double { processorMicroseconds / Double(operations) }
    var allocationsEach: Double? { allocations.map { Double($0) / Double(operations) } }
}

extension Outcome {
    /// Measures the work of this process.
    /// - Parameter body: Returns how long some of the operations took.
    static func measured(
        _ operations: Int, _ body: () async throws -> [Duration]
    ) async rethrows -> Outcome {
        forgetPeak()
        let (allocations, processor, start) = (
            yardstick_allocations(), processorTime(), ContinuousClock.now
        )
        let samples = try await body()
        var outcome = Outcome(
            operations: operations, duration: start.duration(to: .now),
            processorMicroseconds: processorTime() - processor, latencies: Latencies(),
            allocations: Int(yardstick_allocations() - allocations), peakBytes: status("VmHWM"))
        outcome.latencies = Latencies(samples)
        return outcome
    }
}

extension Latencies {
    /// Makes a histogram of the latencies of some operations.
    init(_ samples: [Duration]) {
        self.init()
        for sample in samples { record(sample) }
    }
}

/// The user and system time of this process, or of its children that have ended, in microseconds.
func processorTime(ofChildren: Bool = false) -> Double {
    var usage = rusage()
    getrusage(ofChildren ? -1 : 0, &usage)
    func microseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e6 + Double(time.tv_usec) }
    return microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
}

/// A line of /proc/self/status, in bytes.
func status(_ name: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else {
        return nil
    }
    return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        .flatMap { Int($0) }.map { $0 * 1024 }
}

/// Makes the kernel restart its measurement of peak memory (proc(5), clear_refs).
private func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
}
