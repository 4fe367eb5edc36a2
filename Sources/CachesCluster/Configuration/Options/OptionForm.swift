import CachesTransport

/// The form of an option's value: one way to read it, one to print it, one sentence for people.
struct OptionForm<Value: Sendable>: Sendable {
    /// Describes a value, to follow "is": `a number, 0 or more`.
    let description: String

    /// Reads a value; nil if the text is invalid.
    let parse: @Sendable (String) -> Value?

    /// The shortest text that `parse` reads as the value.
    let print: @Sendable (Value) -> String

    init(
        _ description: String, parse: @escaping @Sendable (String) -> Value?,
        print: @escaping @Sendable (Value) -> String
    ) {
        self.description = description
        self.parse = parse
        self.print = print
    }
}

extension OptionForm where Value == Duration {
    /// `500ms`, `1.5s`, `2s`, `1m`; a bare number is seconds.
    static var duration: OptionForm {
        OptionForm("a time from 1ms to 24h: `500ms`, `1.5s`, `2m`; a bare number is seconds") { text in
            let unit = text.drop { $0.isASCII && $0.isNumber || $0 == "." }
            let nanosecondsPerUnit: Int
            switch unit {
            case "ms": nanosecondsPerUnit = 1_000_000
            case "", "s": nanosecondsPerUnit = 1_000_000_000
            case "m": nanosecondsPerUnit = 60_000_000_000
            case "h": nanosecondsPerUnit = 3_600_000_000_000
            default: return nil
            }
            // Integers, because 0.1 s in floating point is not 100 ms.
            let digits = text.dropLast(unit.count)
                .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard let whole = digits[0].wholeNumber, whole <= 86_400_000 else { return nil }
            var nanoseconds = whole.multipliedReportingOverflow(by: nanosecondsPerUnit)
            guard !nanoseconds.overflow else { return nil }
            if digits.count == 2 {
                guard let fraction = digits[1].wholeNumber, digits[1].count <= 6 else { return nil }
                var scale = 1
                for _ in 0..<digits[1].count { scale *= 10 }
                // Every unit is a multiple of 10⁶ ns, and there are six digits at most.
                nanoseconds.partialValue += nanosecondsPerUnit / scale * fraction
            }
            let duration = Duration.nanoseconds(nanoseconds.partialValue)
            return .milliseconds(1) ... .seconds(86_400) ~= duration ? duration : nil
        } print: { duration in
            let (seconds, attoseconds) = duration.components
            if attoseconds == 0, seconds != 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
            if attoseconds == 0 { return "\(seconds)s" }
            let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
            let (whole, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
            guard fraction != 0 else { return "\(whole)ms" }
            var digits = String("\(1_000_000 + abs(fraction))".dropFirst())
            while digits.hasSuffix("0") { digits.removeLast() }
            return "\(whole).\(digits)ms"
        }
    }
}

extension OptionForm where Value == Int {
    /// A whole number from `lowest`.
    static func count(from lowest: Int) -> OptionForm {
        OptionForm("a whole number, \(lowest) or more") { text in
            text.wholeNumber.flatMap { $0 >= lowest && $0 <= Int32.max ? $0 : nil }
        } print: {
            "\($0)"
        }
    }

    private static var byteUnits: [(suffix: String, factor: Int)] {
        [
            ("gib", 1 << 30), ("mib", 1 << 20), ("kib", 1 << 10),
            ("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10), ("", 1),
        ]
    }

    /// `64MiB`. As in redis.conf, `kb`, `mb` and `gb` are powers of 1024 too.
    static var bytes: OptionForm {
        OptionForm("a number of bytes: `64MiB`, `512kb`, `1048576`; kb is KiB, as in redis.conf") { text in
            let text = text.lowercased()
            guard let unit = byteUnits.first(where: { text.hasSuffix($0.suffix) }),
                let number = text.dropLast(unit.suffix.count).wholeNumber
            else { return nil }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.factor)
            return overflow || bytes == 0 ? nil : bytes
        } print: { bytes in
            for (name, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
            where bytes % factor == 0 && bytes != 0 {
                return "\(bytes / factor)\(name)"
            }
            return "\(bytes)"
        }
    }
}

extension OptionForm where Value == Double {
    /// A weight, in decimal notation.
    static var weight: OptionForm {
        OptionForm("a number from 0.001 to 1000000") { text in
            // Double(_:) alone would also accept "nan", "inf" and "0x1p3".
            guard text.utf8.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: ".") }),
                let weight = Double(text), NodeConfiguration.weights.contains(weight)
            else { return nil }
            return weight
        } print: { weight in
            let text = "\(weight)"
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
    }
}

extension OptionForm where Value == String {
    /// A text that is not empty, and for which `isValid` holds.
    static func text(
        _ description: String, where isValid: @escaping @Sendable (String) -> Bool = { !$0.hasBlank }
    ) -> OptionForm {
        OptionForm(description, parse: { !$0.isEmpty && isValid($0) ? $0 : nil }, print: { $0 })
    }

    /// The path of a file. It may contain spaces, but no control characters.
    static var path: OptionForm {
        text("the path of a file") { path in path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    }

    /// A host's name or address.
    static var host: OptionForm {
        text("a host name") { $0.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_:".utf8.contains($0) } }
    }

    /// An environment variable.
    static var variable: OptionForm {
        text("the name of a variable") {
            $0.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
        }
    }

    /// An argument of `CLIENT SETNAME`, or `none` for no name.
    static var clientName: OptionForm {
        OptionForm("printable ASCII without spaces, or `none`") { text in
            guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
            return text == "none" ? "" : text
        } print: {
            $0.isEmpty ? "none" : $0
        }
    }
}

extension OptionForm
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of an enumeration's raw values.
    static var choice: OptionForm {
        let names = Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return OptionForm("one of \(names)", parse: { Value(rawValue: $0) }, print: { $0.rawValue })
    }
}

extension OptionForm where Value == OutagePolicy {
    /// A policy by its name.
    static var outagePolicy: OptionForm {
        let policies: [OutagePolicy] = [.gutter, .miss, .fail]
        let names = policies.map { "`\($0)`" }.joined(separator: ", ")
        return OptionForm(
            "one of \(names)", parse: { text in policies.first { "\($0)" == text } }, print: { "\($0)" })
    }
}

extension OptionForm where Value == Secret {
    /// A password, which is never printed.
    static var secret: OptionForm {
        OptionForm("a password", parse: { $0.isEmpty ? nil : Secret($0) }, print: { _ in "***" })
    }
}
