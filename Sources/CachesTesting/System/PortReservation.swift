/// A port on every loopback address that is kept for one server, also while that server is down.
///
/// Two sockets are bound to it and never listen. Linux lets a server that sets `SO_REUSEADDR`, as Redis does,
/// listen on such a port, but does not hand it to programs that ask for any free port, and picks it for no
/// outgoing connection: two reservations never meet, in whatever process they are, and a client that tries a
/// server that is down can't connect to itself. The kernel releases the port when the process ends, however
/// it ends.
///
/// Darwin refuses the server such a port. There the reservation ends just before the server starts, which
/// leaves a moment in which the port may be lost.
final class PortReservation: Sendable {
    let port: UInt16

    /// The addresses a server can listen on: `localhost` may mean either.
    let addresses: [String]

    private let ipv4: Descriptor
    private let ipv6: Descriptor?

    private init(withIPv6: Bool) throws(FleetError) {
        ipv4 = try LoopbackAddress.ipv4(port: 0).bound()
        port = try LoopbackAddress.port(of: ipv4)
        ipv6 = withIPv6 ? try LoopbackAddress.ipv6(port: port).bound() : nil
        addresses = withIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]
    }

    /// Reserves a port of the kernel's choice.
    static func make() throws(FleetError) -> PortReservation {
        let hasIPv6 = (try? LoopbackAddress.ipv6(port: 0).bound()) != nil
        var attempts = 1
        while true {
            do throws(FleetError) {
                return try PortReservation(withIPv6: hasIPv6)
            } catch {
                // A port that is free on 127.0.0.1 may be taken on ::1. The next choice is a random one.
                guard attempts < 100 else { throw error }
                attempts += 1
            }
        }
    }
}
