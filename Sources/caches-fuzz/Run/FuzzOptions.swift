import ArgumentParser
import CachesTesting

/// The options that all processes of a run share.
struct FuzzOptions: ParsableArguments {
    @Option(help: "The seed of the calls and lies.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "A kind of lie or of failure to leave out; may be repeated.", valueName: "kind"))
    var without: [String] = []

    @Option(help: "How many rounds a process plays at a time.")
    var atOnce = 16

    @Option(help: ArgumentHelp("A fault to plant, which has to be found.", valueName: "name"))
    var plant: Plant?

    func validate() throws {
        let kinds = HostileServer.Lie.allCases.map(\.rawValue) + Failure.Kind.allCases.map(\.rawValue)
        for kind in without where !kinds.contains(kind) {
            throw ValidationError("There is no kind \(kind), only \(kinds.joined(separator: ", ")).")
        }
        guard atOnce > 0 else { throw ValidationError("--at-once takes 1 or more.") }
    }

    var lies: Set<HostileServer.Lie> { Set(without.compactMap(HostileServer.Lie.init)) }
    var ignored: Set<Failure.Kind> { Set(without.compactMap(Failure.Kind.init)) }

    /// The options as arguments for a worker.
    var arguments: [String] {
        ["--seed", "\(seed)", "--at-once", "\(atOnce)"] + without.flatMap { ["--without", $0] }
            + (plant.map { ["--plant", $0.rawValue] } ?? [])
    }
}
