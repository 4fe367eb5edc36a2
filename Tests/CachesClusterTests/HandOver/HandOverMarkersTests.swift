import Testing

@testable import CachesCluster

/// The names of the markers that a hand-over leaves on servers.
@Suite struct HandOverMarkersTests {
    private static let keys = [
        "a", "user.42", "user.{42}", "{user}.42", "a}b", "}", "}{", "{}", "{}a", "a{", "{a", "a{}b}", "{{a}}",
        "ä}ö",
        "a}{b}", "x{y}}z",
    ]

    @Test("A marker is in its key's slot of a cluster, whatever braces the key has", arguments: keys)
    func slot(key: String) {
        let markers = HandOverMarkers(from: "1", to: "2")
        for marker in [markers.moved(key), markers.arrived(key)] {
            #expect(HashSlot.slot(of: marker) == HashSlot.slot(of: key), "\(marker)")
            #expect(marker.hasPrefix(ReservedKeys.prefix))
        }
    }

    @Test("No two keys have a marker in common")
    func different() {
        let markers = HandOverMarkers(from: "1", to: "2")
        let names = Self.keys.flatMap { [markers.moved($0), markers.arrived($0)] }
        #expect(Set(names).count == names.count)
    }
}
