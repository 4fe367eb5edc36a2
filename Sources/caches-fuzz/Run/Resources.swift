import Foundation
import Synchronization

/// Samples of a process' memory and descriptors, and the judgement whether they grow.
final class Resources: Sendable {
    private struct Sample {
        let kibibytes: Int
        let descriptors: Int
    }

    private let samples = Mutex<[Sample]>([])

    /// The fewest samples that allow a judgement.
    private static let fewest = 30

    /// Takes samples until the task is cancelled.
    func watch() async {
        while !Task.isCancelled {
            samples.withLock { $0.append(Sample(kibibytes: Self.kibibytes, descriptors: Self.descriptors)) }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Compares the median of the first third, without its first half, with the median of the last third.
    ///
    /// Memory may grow by a quarter and 48 MiB, since allocators keep freed memory; descriptors may grow by
    /// 64, since rounds have more or fewer of them open. A leak in each of some ten thousand rounds is
    /// larger.
    var failures: [Failure] {
        let samples = samples.withLock { $0 }
        let third = samples.count / 3
        guard samples.count >= Self.fewest else { return [] }
        let first = samples[(third / 2)..<third]
        let last = samples.suffix(third)
        var failures: [Failure] = []
        func check(_ what: String, _ value: (Sample) -> Int, bound: (Int) -> Int) {
            let (before, after) = (Self.middle(first.map(value)), Self.middle(last.map(value)))
            guard after > bound(before) else { return }
            failures.append(
                Failure(
                    kind: .growth, operation: what,
                    text: "\(before) in the first third of the run, \(after) in the last; "
                        + "the bound is \(bound(before))."))
        }
        check("memory (KiB)", \.kibibytes) { $0 * 5 / 4 + 48 * 1024 }
        check("descriptors", \.descriptors) { $0 + 64 }
        return failures
    }

    /// The medians of the first and the last third, as text.
    var summary: String {
        let samples = samples.withLock { $0 }
        let third = samples.count / 3
        guard third > 0 else { return "" }
        let first = samples[(third / 2)..<max(third, third / 2 + 1)]
        let last = samples.suffix(third)
        return
            "\(Self.middle(first.map(\.kibibytes)) / 1024) → \(Self.middle(last.map(\.kibibytes)) / 1024) MiB, "
            + "\(Self.middle(first.map(\.descriptors))) → \(Self.middle(last.map(\.descriptors))) descriptors"
    }

    private static func middle(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    private static var descriptors: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }

    /// The second number of `/proc/self/statm` (proc(5)): pages in memory.
    private static var kibibytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }
}
