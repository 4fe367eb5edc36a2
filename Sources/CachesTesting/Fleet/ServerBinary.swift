import CachesPlatform

/// The location of the server program.
enum ServerBinary {
    /// In the order of preference.
    static let names = ["redis-server", "valkey-server"]

    /// The folders of a search path, and those that packages install servers into but that a user's path may
    /// lack.
    static var standardFolders: [String] {
        (environmentVariable("PATH") ?? "").split(separator: ":").map(String.init)
            + ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"]
    }

    /// The absolute path of the first server found: `redis-server` anywhere wins over `valkey-server`.
    static func find(in folders: [String] = standardFolders) throws(FleetError) -> String {
        for name in names {
            for folder in folders {
                let path = "\(folder)/\(name)"
                if folder.hasPrefix("/"), unsafe access(path, X_OK) == 0 { return path }
            }
        }
        throw FleetError(
            .serverNotInstalled, "Neither redis-server nor valkey-server was found.",
            advice: "Run ./dev/setup, or install one of them.")
    }
}
