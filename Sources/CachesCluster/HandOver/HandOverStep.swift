internal import CachesTransport

/// The state that the keys of a hand-over share at one of its stages.
package final class HandOverStep: Sendable {
    let stage: HandOver.Stage
    let markers: HandOverMarkers
    let tally: HandOverTally

    /// Whether a value at a new server without a receipt is kept: processes that know of no hand-over may
    /// have written it.
    let keepsWhatIsThere: Bool

    /// The end of the markers: all processes have ended the hand-over by then.
    private let markersEnd: Deadline

    init(
        _ stage: HandOver.Stage, _ markers: HandOverMarkers, markersEnd: Deadline, tally: HandOverTally,
        keepsWhatIsThere: Bool = false
    ) {
        self.stage = stage
        self.markers = markers
        self.markersEnd = markersEnd
        self.tally = tally
        self.keepsWhatIsThere = keepsWhatIsThere
    }

    /// The ttl of a marker that is made now.
    var markerMilliseconds: Int { max(1000, Int(markersEnd.remaining / .milliseconds(1))) }

    /// The same hand-over at another stage.
    func at(_ stage: HandOver.Stage) -> HandOverStep {
        HandOverStep(stage, markers, markersEnd: markersEnd, tally: tally)
    }
}
