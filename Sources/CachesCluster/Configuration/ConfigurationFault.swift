import CachesTransport

/// What is wrong with a setting, before it is known where the setting came from.
///
/// Nothing of a DSN's text is quoted in a fault but names of options: whoever forgets to percent-encode a
/// password moves parts of it to where a host, a port or a database would be.
struct ConfigurationFault: Error {
    /// One sentence, to follow the name of the source.
    var message: String

    /// What to do about it.
    var advice: String?

    init(_ message: String, advice: String? = nil) {
        self.message = message
        self.advice = advice
    }

    /// The error that users see.
    func error(in source: String) -> CachesError {
        CachesError(.configuration, "\(source): \(message)", advice: advice)
    }
}
