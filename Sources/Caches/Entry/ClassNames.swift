import Synchronization

/// The names of classes as keys use them, each worked out once: reflection is too slow for every call.
enum ClassNames {
    private static let names = Mutex<[ObjectIdentifier: String]>([:])

    /// A class's own name: `UserCache`, or `Cache` for `Cache<User>`; no module, no enclosing type.
    static func name(of type: AnyClass) -> String {
        names.withLock { names in
            if let name = names[ObjectIdentifier(type)] { return name }
            let name = String(String(describing: type).prefix { $0 != "<" })
            names[ObjectIdentifier(type)] = name
            return name
        }
    }
}
