/// One option that may be written as `name=value`: in the query of a DSN, or in `CACHES_POOL`.
///
/// The parsers, the error texts and the tables in the documentation are all made from it.
public struct ConfigurationOption<Settings: Sendable>: Sendable {
    /// The option's name, in lower case.
    public let name: String

    /// Another accepted name.
    public let alias: String?

    /// Describes a value, to follow "is": `a whole number, 0 or more`.
    public let values: String

    /// Describes its effect, in one sentence.
    public let meaning: String

    /// The value if the option is not given.
    public let defaultValue: String

    /// Reads a value and changes the settings.
    let write: @Sendable (String, inout Settings) throws(ConfigurationFault) -> Void

    /// The value that the settings have, nil for none.
    let read: @Sendable (Settings) -> String?

    /// An option of some form.
    ///
    /// - Parameters:
    ///   - defaults: Settings that hold the default.
    ///   - absent: The text for a default that is no value.
    init<Value>(
        _ name: String, alias: String? = nil, _ form: OptionForm<Value>, _ meaning: String,
        defaults: Settings, absent: String = "none",
        get: @escaping @Sendable (Settings) -> Value?,
        set: @escaping @Sendable (inout Settings, Value) throws(ConfigurationFault) -> Void
    ) {
        let read: @Sendable (Settings) -> String? = { get($0).map(form.print) }
        self.name = name
        self.alias = alias
        self.values = form.description
        self.meaning = meaning
        self.defaultValue = read(defaults) ?? absent
        self.read = read
        self.write = { text, settings throws(ConfigurationFault) in
            guard let value = form.parse(text) else {
                throw ConfigurationFault("the value of \(name) is not \(form.description).")
            }
            try set(&settings, value)
        }
    }
}

extension Array {
    /// Applies options in query form, `a=1&b=2`, to settings, and returns the names of the given ones.
    ///
    /// Each may be given once. An unknown name is a fault that lists all options: a silently ignored option
    /// is noticed only in production.
    func apply<Settings>(
        _ query: ArraySlice<UInt8>, to settings: inout Settings
    ) throws(ConfigurationFault) -> Set<String> where Element == ConfigurationOption<Settings> {
        var given = Set<String>()
        guard !query.isEmpty else { return given }
        for part in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let pair = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(decoding: pair[0], as: UTF8.self)
            guard !name.isEmpty else {
                throw ConfigurationFault(
                    "an option has no name.", advice: "Write options as name=value, with '&' between them.")
            }
            guard let option = first(where: { $0.name == name || $0.alias == name }) else {
                throw unknown(name)
            }
            guard pair.count == 2, !pair[1].isEmpty else {
                throw ConfigurationFault(
                    "the option \(option.name) has no value.",
                    advice: "Its value is \(option.values).")
            }
            guard given.insert(option.name).inserted else {
                throw ConfigurationFault("the option \(option.name) is given twice.")
            }
            try option.write(
                try PercentEncoding.decode(pair[1], of: "the value of \(option.name)"), &settings)
        }
        return given
    }

    private func unknown<Settings>(_ name: String) -> ConfigurationFault
    where Element == ConfigurationOption<Settings> {
        // Only a text that looks like a name is repeated: anything else may have strayed from another part.
        let isName =
            name.utf8.count <= 32
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }
        let suggestion = Suggestion.suggestion(for: name, among: map(\.name))
        return ConfigurationFault(
            isName ? "there is no option \(name)." : "there is an unknown option.",
            advice: (suggestion.map { "Did you mean \($0)? " } ?? "")
                + "The options are \(map(\.name).joined(separator: ", ")).")
    }
}
