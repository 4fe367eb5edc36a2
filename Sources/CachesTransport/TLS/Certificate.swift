/// The contents of a certificate (X.509, [RFC 5280](https://www.rfc-editor.org/rfc/rfc5280)): its subject,
/// its issuer, its validity, and its names.
public struct Certificate: Hashable, Sendable {
    /// The subject, as a distinguished name: `CN=cache-1.internal,O=Example`.
    public var subject: String

    /// The issuer, as a distinguished name.
    public var issuer: String

    /// The number that its issuer gave it, in hexadecimal.
    public var serialNumber: String

    /// When it becomes valid, in seconds since 1970.
    public var notBefore: Int64

    /// When it expires, in seconds since 1970.
    public var notAfter: Int64

    /// The hosts and addresses that it is for. Where it lists none, the subject's common name.
    public var names: [String]

    /// Whether ``names`` is a common name, since it lists none.
    package var hasCommonNameAlone = false

    /// Makes a description of a certificate.
    public init(
        subject: String, issuer: String, serialNumber: String, notBefore: Int64, notAfter: Int64,
        names: [String]
    ) {
        self.subject = subject
        self.issuer = issuer
        self.serialNumber = serialNumber
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.names = names
    }

    /// Whole days from a moment, in seconds since 1970, to the end of its validity; negative after it.
    public func daysLeft(at now: Int64) -> Int {
        let (days, rest) = (notAfter - now).quotientAndRemainder(dividingBy: 86_400)
        return Int(rest < 0 ? days - 1 : days)
    }

    /// The names, as many as a line takes.
    package var nameList: String {
        guard !names.isEmpty else { return "no name" }
        let shown = names.prefix(8).joined(separator: ", ")
        return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}

extension Certificate: CustomStringConvertible {
    /// `subject CN=…, issuer CN=…, valid from … to …, for …`.
    public var description: String {
        "subject \(subject), issuer \(issuer), valid from \(CalendarDay.text(notBefore)) "
            + "to \(CalendarDay.text(notAfter)), for \(nameList)"
    }
}

/// Days and times of the Gregorian calendar, without Foundation.
package enum CalendarDay {
    /// `2026-10-31 12:00 UTC`, of seconds since 1970.
    ///
    /// Days to year, month and day by the shift of the year's begin to March (Howard Hinnant,
    /// "chrono-compatible low-level date algorithms").
    package static func text(_ seconds: Int64) -> String {
        let day = floorDivide(seconds, 86_400)
        let minute = (seconds - day * 86_400) / 60
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return "\(year)-\(two(month))-\(two(dayOfMonth)) \(two(minute / 60)):\(two(minute % 60)) UTC"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}
