import ArgumentParser
import Caches

extension ConnectionName: ExpressibleByArgument {
    /// nil for an empty name, such as that of an unset shell variable: it must not mean all servers.
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}

extension Glob: ExpressibleByArgument {
    public init(argument: String) { self.init(argument) }

    /// Checks a pattern that was typed, and throws the error of a wrong argument.
    func validateArgument() throws {
        do {
            try validate()
        } catch {
            throw ValidationError([error.message, error.advice].compactMap(\.self).joined(separator: " "))
        }
    }
}

/// A ttl as typed: `250ms`, `90s`, `5m`, `2h`, `1.5d`; a bare number is seconds, as in a DSN.
struct TTLArgument: ExpressibleByArgument {
    let ttl: TTL

    /// The typed text, with its unit.
    let text: String

    /// How a ttl is written, for an option's help.
    static let help = "250ms, 90s, 5m, 2h or 1d; a bare number is seconds"

    init?(argument: String) {
        let unit = argument.drop { $0.isASCII && $0.isNumber || $0 == "." }
        guard let count = Double(argument.dropLast(unit.count)), count > 0 else { return nil }
        switch unit {
        case "ms": ttl = .milliseconds(count)
        case "", "s": ttl = .seconds(count)
        case "m": ttl = .minutes(count)
        case "h": ttl = .hours(count)
        case "d": ttl = .days(count)
        default: return nil
        }
        text = unit.isEmpty ? argument + "s" : argument
    }
}
