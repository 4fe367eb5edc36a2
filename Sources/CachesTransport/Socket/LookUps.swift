/// The names that are being looked up: one look-up a name, for all that ask.
///
/// A name service that is out lets a look-up hang for half a minute, on a thread of its own, while
/// connections to the name are given up and opened again every few seconds. With a look-up for each, some
/// dozens of nodes would soon take all the threads that Dispatch has (255), and with them the look-ups, files
/// and whatever else of the process needs one.
final class LookUps: Sendable {
    struct Name: Hashable, Sendable {
        var host: String
        var port: Int
    }

    typealias Body = @Sendable (Result<[Address], CachesError>) -> Void

    private let waiting = Locked<[Name: [Body]]>([:])

    /// Gives `body` the result of a name's look-up, on the look-up's thread: the one under way, or else a new
    /// one.
    func join(
        _ name: Name, _ body: @escaping Body,
        lookUp: @escaping @Sendable () throws(CachesError) -> [Address]
    ) {
        let isFirst = waiting.withLock { waiting in
            waiting[name, default: []].append(body)
            return waiting[name]?.count == 1
        }
        guard isFirst else { return }
        BlockingWork.run { [self] in
            let found = Result { () throws(CachesError) in try lookUp() }
            for body in waiting.withLock({ $0.removeValue(forKey: name) }) ?? [] { body(found) }
        }
    }
}
