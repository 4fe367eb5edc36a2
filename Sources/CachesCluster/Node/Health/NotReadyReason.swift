package import CachesTransport

/// The error of a server that runs but can't serve any command.
package enum NotReadyReason: String, Sendable, CaseIterable {
    /// It reads its data, after a start or from its master.
    case loading = "LOADING"
    /// It is a replica that has lost its master.
    case masterDown = "MASTERDOWN"
    /// It is a replica, and takes no writes.
    case readOnly = "READONLY"
    /// The connection has no password, or one that is not valid any more.
    case unauthenticated = "NOAUTH"
    /// It has been running a script for long, and does nothing else until that ends.
    case busy = "BUSY"

    /// Reads the first word of a server's error; nil if it means something else.
    package init?(_ name: String) { self.init(rawValue: name) }

    /// Reads an error made from a server's answer; nil if it means something else.
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
