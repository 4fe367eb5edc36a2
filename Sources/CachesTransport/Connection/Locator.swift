/// Finds a connection's destination each time that one is opened, for a server whose address others know.
package struct Locator: Sendable {
    /// The name of the source, for errors and deadlines: `the Sentinels' answer who the primary is`.
    let what: String

    /// Asks. The answer is given once, on any thread; it may come when nobody waits for it any more.
    let locate: @Sendable (@escaping @Sendable (Result<ConnectionConfiguration, CachesError>) -> Void) -> Void

    package init(
        _ what: String,
        locate:
            @escaping @Sendable (
                @escaping @Sendable (Result<ConnectionConfiguration, CachesError>) -> Void
            ) -> Void
    ) {
        self.what = what
        self.locate = locate
    }
}

extension Connection {
    /// The connection's destination, as far as it is known.
    package var destination: ConnectionConfiguration { located.withLock { $0 } ?? configuration }

    /// Whether the destination is known.
    package var isLocated: Bool { locator == nil || located.withLock { $0 != nil } }

    /// The address that it is at, for errors.
    var endpoint: Endpoint { destination.endpoint }

    /// Asks for the destination. On the loop's thread.
    func locate(_ locator: Locator) {
        unsafe inbound.pointee.opening?.stage = .locating(locator.what)
        locator.locate { [self] found in
            loop.execute { [self] in
                guard unsafe inbound.pointee.opening != nil else { return }
                switch found {
                case .success(let destination):
                    located.withLock { $0 = destination }
                    unsafe inbound.pointee.opening?.stage = .preparing
                    openThere()
                case .failure(let error): fail(error.of(.placeUnknown))
                }
            }
        }
    }
}
