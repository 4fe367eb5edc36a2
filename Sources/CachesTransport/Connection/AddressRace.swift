/// Which of a host's addresses is connected to, and when ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305),
/// section 5).
///
/// An address that answers nothing must not take the time of the others: the next one is begun ``delay``
/// after the last, beside it, or at once when no attempt is under way any more. The first that connects wins.
///
/// A host with one address is begun a second time, once, after the same delay: where the first packet got
/// lost, the system would send another only after a second, which is all the time that a call has by default.
/// A server that is out of reach costs a second packet for it.
///
/// A value without sockets and a clock.
struct AddressRace: Sendable {
    /// In milliseconds, as the RFC recommends (section 8).
    static let delay: Int64 = 250

    private var untried: ArraySlice<Address>
    private var second: Address?
    private var underWay = 0
    private var due = Int64.min

    /// - Parameter addresses: In the order in which they are tried.
    init(_ addresses: [Address]) {
        untried = addresses[...]
        second = addresses.count == 1 ? addresses.first : nil
    }

    /// Takes the address to begin with now; nil if no address is due.
    mutating func next(now: Int64) -> Address? {
        guard underWay == 0 || now >= due else { return nil }
        let address: Address
        if let first = untried.popFirst() {
            address = first
        } else if underWay > 0, let again = second.take() {
            address = again
        } else {
            return nil
        }
        underWay += 1
        due = now + Self.delay
        return address
    }

    /// An attempt failed. The next one does not wait for its time.
    mutating func failed() {
        underWay -= 1
        due = .min
    }

    /// Whether nothing is under way, and no address is left.
    var isLost: Bool { underWay == 0 && untried.isEmpty }
}

/// An attempt at one address, as the loop sees it.
final class ConnectAttempt: LoopMember {
    let address: Address
    let socket: Socket
    private let ended: @Sendable (ConnectAttempt) -> Void

    /// - Parameter ended: Called on the loop's thread when the attempt has succeeded or failed.
    init(_ socket: Socket, at address: Address, ended: @escaping @Sendable (ConnectAttempt) -> Void) {
        (self.socket, self.address, self.ended) = (socket, address, ended)
    }

    func descriptorReady(_ event: PollEvent) { if event.writable { ended(self) } }

    // The connection has ticks of its own.
    func tick(now: Int64) {}
    var needsTicks: Bool { false }
    func flush() {}
    func receiveMore() {}
}
