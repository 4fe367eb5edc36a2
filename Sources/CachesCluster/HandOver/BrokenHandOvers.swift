internal import CachesTransport

/// Hand-overs that this process ended before their time, kept until their markers on the servers have
/// expired.
///
/// Another hand-over from and to the same configurations has the same markers: it would take keys for handed
/// over that have been written elsewhere since, and read old values.
struct BrokenHandOvers: Sendable {
    private struct HandOver: Sendable {
        let from: String
        let to: String
        let markersEnd: Deadline
    }

    private var all: [HandOver] = []

    /// Records a hand-over that ends before its time.
    ///
    /// - Parameters:
    ///   - from: The fingerprint of the configuration before it.
    ///   - to: The fingerprint of the configuration after it.
    mutating func append(_ step: HandOverStep, from: String, to: String) {
        all.removeAll { $0.markersEnd.hasPassed }
        all.append(
            HandOver(
                from: from, to: to, markersEnd: .after(.milliseconds(step.markerMilliseconds))))
    }

    /// Throws if a hand-over between two fingerprints would meet the markers of one that was broken off.
    func check(from: String, to: String) throws(CachesError) {
        guard
            let broken = all.last(where: {
                $0.from == from && $0.to == to && !$0.markersEnd.hasPassed
            })
        else { return }
        throw CachesError(
            .configuration,
            "A hand-over between the same servers was broken off, and its markers stay there for another \(broken.markersEnd.remaining).",
            advice:
                "Begin it after that: earlier, it would take keys for handed over that were written since.")
    }
}
