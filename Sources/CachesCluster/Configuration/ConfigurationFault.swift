import CachesTransport

/// A fault in a setting, before the source of the setting is known.
///
/// A fault quotes nothing of a DSN's text except names of options: a password that is not percent-encoded
/// puts parts of itself where a host, a port or a database would be.
struct ConfigurationFault: Error {
    /// One sentence, to follow the name of the source.
    var message: String

    /// Advice on how to correct it.
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
