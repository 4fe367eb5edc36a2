import CachesPlatform
import Synchronization

/// The state that all connections of a hostile server share: its behaviour, its topology, and its counts.
final class HostileRole: Sendable {
    /// The real server that gives the true answers.
    struct Target: Sendable {
        let port: UInt16
        let database: Int
    }

    let received = Atomic(0)
    let neighbours: Mutex<Neighbours>

    private let behaviour: HostileServer.Behaviour
    private let target: Target?

    init(_ behaviour: HostileServer.Behaviour, neighbours: Neighbours, target: Target?) {
        self.behaviour = behaviour
        self.neighbours = Mutex(neighbours)
        self.target = target
    }

    /// A connection to the real server; nil if there is none, or it can't be connected to.
    func askTruth() -> DescriptorBox? {
        guard let target,
            let socket = try? LoopbackAddress.ipv4(port: target.port).connected(timeout: .seconds(5))
        else { return nil }
        let select = WireReply.array([.text("SELECT"), .text("\(target.database)")]).bytes
        guard socket.sendAll(select) else { return nil }
        _ = fcntl(socket.number, F_SETFL, O_NONBLOCK)
        return DescriptorBox(socket)
    }

    var hasTarget: Bool { target != nil }

    func courtesy(to command: HostileServer.Command) -> WireReply? {
        Courtesy(neighbours: neighbours.withLock(\.self)).reply(to: command)
    }

    func answer(to command: HostileServer.Command) -> HostileServer.Answer { behaviour.answer(command) }
}

/// A descriptor in a place where there may be none.
final class DescriptorBox {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
