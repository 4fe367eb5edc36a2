package import CachesTransport

/// What a server says that runs and can't serve, whatever it is asked.
package enum NotReadyReason: String, Sendable, CaseIterable {
    /// It reads its data, after a start or from its master.
    case loading = "LOADING"
    /// It is a replica that has lost its master.
    case masterDown = "MASTERDOWN"
    /// It is a replica, and not to be written to.
    case readOnly = "READONLY"
    /// The connection has no password, or one that is not valid any more.
    case unauthenticated = "NOAUTH"
    /// It has been running a script for long, and does nothing else until that ends.
    case busy = "BUSY"

    /// By the first word of an error that a server answered; nil if it means something else.
    package init?(_ name: String) { self.init(rawValue: name) }

    /// By an error that was made of a server's answer; nil if it means something else.
    package init?(_ error: CachesError) {
        if let name = error.code.serverName {
            self.init(rawValue: name)
        } else if error.code == .authentication, error.message.contains(Self.unauthenticated.rawValue) {
            self = .unauthenticated
        } else {
            return nil
        }
    }
}
