import CachesTerminal
import Foundation

/// redis-benchmark, on one connection that is pipelined as deep as others have tasks.
struct RedisBenchmarkContender: Contender {
    let name = "redis-benchmark"
    let port: Int

    func run(_ work: Work, _ operations: Int) async throws -> Outcome? {
        let test: String
        switch work {
        case .get: test = "get"
        case .set: test = "set"
        default: return nil
        }
        let before = processorTime(ofChildren: true)
        let output = try output(
            of: "/usr/bin/env",
            [
                "redis-benchmark", "-p", "\(port)", "-t", test, "-c", "1", "-P", "\(work.tasks)", "-d", "64",
                "-n",
                "\(operations)", "-r", "1", "--csv",
            ])
        let processor = processorTime(ofChildren: true) - before
        // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms",…
        guard let line = output.split(separator: "\n").last else { return nil }
        let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
        guard fields.count > 4, let rate = Double(fields[1]), let p50 = Double(fields[4]), rate > 0 else {
            throw BenchFailure("redis-benchmark printed no figures: \(line)")
        }
        return Outcome(
            operations: operations, duration: .seconds(Double(operations) / rate),
            processorMicroseconds: processor, latencies: Latencies([.microseconds(p50 * 1000)]))
    }
}

/// A client for Python, run by peers.py.
struct PythonContender: Contender {
    let name: String
    /// The client's name in peers.py.
    let client: String
    let python: String
    let script: String
    let port: Int

    private struct Figures: Decodable {
        var operations: Int
        var seconds: Double
        var processorMicroseconds: Double
        var nanoseconds: [Int64]
        var peakBytes: Int
    }

    func run(_ work: Work, _ operations: Int) async throws -> Outcome? {
        let command: String
        switch work {
        case .get(1): command = "get"
        case .batch: command = "batch"
        case .many: command = "many"
        default: return nil
        }
        // These clients are some thirty times as slow: a tenth of the operations takes long enough.
        let count = max(100, operations / (work == .batch ? 1000 : 10))
        let text = try output(of: python, [script, client, "\(port)", command, "\(count)"])
        let figures = try JSONDecoder().decode(Figures.self, from: Data(text.utf8))
        return Outcome(
            operations: figures.operations, duration: .seconds(figures.seconds),
            processorMicroseconds: figures.processorMicroseconds,
            latencies: Latencies(figures.nanoseconds.map { .nanoseconds($0) }),
            peakBytes: figures.peakBytes)
    }
}

/// Runs a program and returns its output.
private func output(of program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchFailure("\(arguments[0]) ended with code \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
}
