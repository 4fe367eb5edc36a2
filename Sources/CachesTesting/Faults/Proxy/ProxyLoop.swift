import CachesPlatform
import Dispatch
import Synchronization

/// The loop of a proxy's thread: accepts, reads, holds back, writes.
final class ProxyLoop: Sendable {
    let openConnections = Atomic(0)

    private struct Orders: ~Copyable {
        var fault = FaultProxy.Fault.none
        var resets = 0
        /// A byte on it wakes the loop, closing it ends the loop.
        var signal: Descriptor?
        /// The callers that wait until their order is carried out.
        var waiting: [DispatchSemaphore] = []
    }

    private let orders: Mutex<Orders>
    private let reservation: PortReservation
    private let target: UInt16
    private let control: Descriptor
    private let firstListener: Mutex<Descriptor?>

    init(
        _ reservation: PortReservation, target: UInt16, control: consuming Descriptor,
        signal: consuming Descriptor
    ) throws(FleetError) {
        self.reservation = reservation
        self.target = target
        self.control = control
        orders = Mutex(Orders(signal: signal))
        // Here already, so that the port can be connected to from the start.
        firstListener = Mutex(try Self.listener(on: reservation.port))
    }

    var fault: FaultProxy.Fault {
        get { orders.withLock { $0.fault } }
        set { order { $0.fault = newValue } }
    }

    func resetConnections() { order { $0.resets += 1 } }

    func stop() { orders.withLock { $0.signal = nil } }

    /// Gives an order, and returns when it is carried out: the loop takes well under a millisecond.
    private func order(_ change: (inout sending Orders) -> Void) {
        let done = DispatchSemaphore(value: 0)
        let isRunning = orders.withLock { orders in
            change(&orders)
            guard orders.signal?.send([1]) == 1 else { return false }
            orders.waiting.append(done)
            return true
        }
        if isRunning { done.wait() }
    }

    private static func listener(on port: UInt16) throws(FleetError) -> Descriptor {
        let listener = try LoopbackAddress.ipv4(port: port).bound()
        try listener.listen(backlog: 128)
        return listener
    }

    /// Runs the loop on the calling thread. All sockets are closed when it returns.
    func run() {
        serve()
        openConnections.store(0, ordering: .relaxed)
        // Later callers find that the loop is over and don't wait.
        let waiting = orders.withLock { orders in
            orders.signal = nil
            return orders.waiting
        }
        for order in waiting { order.signal() }
    }

    private func serve() {
        var listener = firstListener.withLock { $0.take() }
        var connections: [ProxyConnection] = []
        var (fault, resets) = (FaultProxy.Fault.none, 0)
        while true {
            let (newFault, newResets, waiting) = orders.withLock { orders in
                defer { orders.waiting = [] }
                return (orders.fault, orders.resets, orders.waiting)
            }
            if newFault != fault {
                fault = newFault
                for connection in connections { connection.faultChanged() }
            }
            if newResets != resets || fault == .refuse {
                resets = newResets
                for connection in connections { connection.reset() }
                connections = []
            }
            // A port that is closed and kept from others refuses.
            if fault == .refuse {
                listener = nil
            } else if listener == nil {
                listener = try? Self.listener(on: reservation.port)
            }
            openConnections.store(connections.count, ordering: .relaxed)
            for order in waiting { order.signal() }

            var polled = [
                pollfd(fd: control.number, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: fault.swallows(.toServer) ? -1 : listener?.number ?? -1, events: Int16(POLLIN),
                    revents: 0),
            ]
            let now = ContinuousClock.now
            polled += connections.flatMap { $0.polled(fault, now) }
            let timeout = connections.compactMap { $0.wait(fault, now) }.min() ?? -1
            _ = uninterrupted { unsafe poll(&polled, nfds_t(polled.count), timeout) }

            if polled[0].revents != 0 {
                guard let orders = control.receive(), !orders.isEmpty else { return }
            }
            for (index, connection) in connections.enumerated() {
                connection.handle(polled[2 + 2 * index].revents, polled[3 + 2 * index].revents, fault)
            }
            connections.removeAll { $0.isOver }
            if polled[1].revents != 0 {
                while let client = listener?.accept() {
                    // A server that is down: the client's connection is reset.
                    guard let connection = ProxyConnection(client, target: target) else { continue }
                    connections.append(connection)
                }
            }
        }
    }
}
