/// Numbers as people read them: two figures that matter, a unit, and thin thousands.
///
/// They don't follow the locale: a log from one machine reads like that of the next.
public enum Figures {
    /// `100 000`.
    public static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += " " }
            text.append(digit)
        }
        return text
    }

    /// `1 key`, `2 keys`: a count and its noun.
    public static func count(_ value: Int, _ noun: String) -> String {
        count(value) + " " + noun + (value == 1 ? "" : "s")
    }

    /// `83 µs`, `1.2 ms`, `12 s`, `3 min 20 s`.
    public static func duration(_ duration: Duration) -> String {
        let nanoseconds = duration.nanoseconds
        // Each limit lies where rounding would otherwise print a thousand of the smaller unit.
        return switch nanoseconds {
        case ..<0: "-" + self.duration(.zero - duration)
        case ..<999.5: figure(nanoseconds) + " ns"
        case ..<999.5e3: figure(nanoseconds / 1e3) + " µs"
        case ..<999.5e6: figure(nanoseconds / 1e6) + " ms"
        case ..<99.5e9: figure(nanoseconds / 1e9) + " s"
        default:
            minutes(whole(nanoseconds / 1e9))
        }
    }

    private static func minutes(_ seconds: Int) -> String { "\(seconds / 60) min \(seconds % 60) s" }

    /// The nearest whole number. Numbers from servers are divided and multiplied here, so the result may not
    /// fit an integer.
    public static func whole(_ value: Double) -> Int {
        if value.isNaN { return 0 }
        // 2⁶³ itself does not fit, and the next `Double` below it is 1024 less.
        return value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int(value.rounded())
    }

    /// `33.4 %`: a part of a whole, in per cent.
    public static func share(_ part: Int, of whole: Int) -> String {
        let tenths = whole == 0 ? 0 : self.whole(Double(part) / Double(whole) * 1000)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// `41 200`: events a second, to three figures, as a measured rate deserves no more.
    public static func rate(_ events: Int, in duration: Duration) -> String {
        // More than 10¹⁵ a second can't have been measured.
        let perSecond = min(whole(self.perSecond(events, in: duration)), 1_000_000_000_000_000)
        var unit = 1
        while perSecond / unit >= 1000 { unit *= 10 }
        return count((perSecond + unit / 2) / unit * unit)
    }

    /// Events a second; 0 if no time passed.
    public static func perSecond(_ events: Int, in duration: Duration) -> Double {
        duration > .zero ? Double(events) * 1e9 / duration.nanoseconds : 0
    }

    /// One decimal below ten, none from there on.
    private static func figure(_ value: Double) -> String {
        let tenths = whole(value * 10)
        guard tenths < 100, !tenths.isMultiple(of: 10) else { return String(whole(value)) }
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Duration {
    /// The duration in nanoseconds.
    public var nanoseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    }
}
