public import CachesTransport

extension PoolConfiguration {
    /// The pool that environment variables describe.
    ///
    /// - `CACHES_DSN` and every `CACHES_DSN_<number>` hold one server's DSN each. They are read in the order
    ///   of their numbers, `CACHES_DSN` first; numbers may be missing. An empty variable counts as absent,
    ///   since many tools unset a variable that way.
    /// - `CACHES_POOL` holds options of the pool in query form, `deadline=500ms`: see ``PoolOption``.
    ///
    /// - Throws: ``CachesError`` with code `configuration`, which names the variable and its fault: a
    ///   malformed DSN, an unknown option, options that contradict each other, a name that two variables
    ///   give, a variable such as `CACHES_DSN_MAIN` or `CACHES_DSN2` that looks like a DSN's but is not, no
    ///   DSN at all.
    public init(environment: [String: String]) throws(CachesError) {
        var nodes = [NodeConfiguration]()
        for variable in try Self.variables(in: environment) {
            nodes.append(try NodeConfiguration(dsn: environment[variable]!, source: variable))
        }
        self.init(nodes: nodes)
        _ = try directory()
        if let options = environment[Self.optionsVariable] {
            do throws(ConfigurationFault) {
                _ = try PoolOption.all.apply(Array(options.utf8)[...], to: &self)
                guard health.firstRetry <= health.retryCap else {
                    throw ConfigurationFault(
                        "first-retry is longer than retry-cap, the most that it grows to.",
                        advice: "Raise retry-cap with it.")
                }
            } catch {
                throw error.error(in: Self.optionsVariable)
            }
        }
    }

    /// The pool that this process's environment describes, read again at each call.
    ///
    /// - Throws: As ``init(environment:)``.
    public static func processEnvironment() throws(CachesError) -> PoolConfiguration {
        try PoolConfiguration(environment: ProcessEnvironment.variables(startingWith: "CACHES_"))
    }

    private static let variable = "CACHES_DSN"
    private static let optionsVariable = "CACHES_POOL"

    /// The names of the variables that hold a DSN, in the order of their numbers.
    private static func variables(in environment: [String: String]) throws(CachesError) -> [String] {
        let candidates = environment.keys.filter { $0.hasPrefix(variable) }.sorted()
        let set = candidates.filter { environment[$0] != "" }
        var byNumber = [Int: String]()
        for name in set where name != variable {
            let suffix = name.dropFirst(variable.count)
            guard suffix.first == "_", let number = suffix.dropFirst().wholeNumber else {
                throw ConfigurationFault(
                    "this is not a variable that holds a DSN.",
                    advice: "Call it CACHES_DSN, or CACHES_DSN_ and a number. The name of a server is the "
                        + "text after the '#' of its DSN."
                ).error(in: name)
            }
            if let other = byNumber.updateValue(name, forKey: number) {
                throw ConfigurationFault(
                    "the number is that of \(other) already.",
                    advice: "Give each variable a number of its own."
                ).error(in: name)
            }
        }
        let first = set.contains(variable) ? [variable] : []
        let names = first + byNumber.sorted { $0.key < $1.key }.map(\.value)
        guard !names.isEmpty else {
            let empty = candidates.isEmpty ? "" : " (\(candidates.joined(separator: ", ")): set, but empty)"
            throw CachesError(
                .configuration,
                "no server is configured: there is no CACHES_DSN and no CACHES_DSN_<number>\(empty).",
                advice: "Set one for each server, for example CACHES_DSN='redis://localhost:6379#main'.")
        }
        return names
    }
}
