internal import CachesTransport

extension Duration {
    /// The duration in its two largest units, rounded down: `3 d 4 h`, `1 h 59 min`, `12 s`, `250 ms`.
    ///
    /// For the ages and lifetimes of keys, which go from milliseconds to years.
    package var inUnits: String {
        let milliseconds = max(0, inMilliseconds)
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        var rest = milliseconds / 1000
        var parts: [String] = []
        for (name, seconds) in [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)] as [(String, Int64)] {
            let count = rest / seconds
            rest %= seconds
            // A zero between two other units is kept: no `3 d 12 s`.
            if count > 0 || !parts.isEmpty { parts.append("\(count) \(name)") }
        }
        let shown = parts.prefix(2)
        return shown.last?.hasPrefix("0 ") == true ? shown[0] : shown.joined(separator: " ")
    }
}
