import CachesTransport

/// What a server remembers, for short: as long as this is the same, what was noted there is there.
///
/// It takes two to tell. A restart gives another run id, also where an older snapshot brings the marker back; a
/// `FLUSHALL` takes the marker away and keeps the run id. What it does not show is the eviction of single keys.
struct ServerMemory: Hashable, Sendable {
    /// The process of the server: `run_id` of `INFO server` (https://redis.io/docs/latest/commands/info/).
    var runID: String

    /// A random text in ``StandInKeys/memory``, left by the first that saw another node go out. Empty: nobody did.
    var marker: String
}

/// What is known of a server's memory.
struct KnownMemory: Hashable, Sendable {
    private(set) var memory: ServerMemory

    /// Until when the marker is there, if nobody prolongs it.
    private var markerEnd: ContinuousClock.Instant

    /// Since when it is known.
    let since: ContinuousClock.Instant

    /// When the server started, by what it said when it was first asked. nil: it was asked before, and has lost what it
    /// had then.
    let started: ContinuousClock.Instant?

    /// What is known now that a server has said so.
    ///
    /// - Parameters:
    ///   - uptime: How long the server runs, at least.
    ///   - markerLeft: How long the marker is there, if nobody prolongs it.
    init(
        _ memory: ServerMemory, uptime: Duration, markerLeft: Duration, after former: KnownMemory?,
        now: ContinuousClock.Instant
    ) {
        guard let former, former.isSame(as: memory, now: now) else {
            self.memory = memory
            since = now
            started = former == nil ? now - uptime : nil
            markerEnd = now + markerLeft
            return
        }
        self = former
        // It has one by now, or it was prolonged.
        if memory.marker != former.memory.marker || now + markerLeft > markerEnd + .seconds(3600) {
            self.memory = memory
            markerEnd = now + markerLeft
        }
    }

    /// Whether a server is the one that was known, with what it had noted then.
    private func isSame(as other: ServerMemory, now: ContinuousClock.Instant) -> Bool {
        guard memory.runID == other.runID else { return false }
        return memory.marker.isEmpty || memory.marker == other.marker || now >= markerEnd
    }

    /// Whether something that was noted after a time may be lost.
    func mayHaveLost(notedAfter time: ContinuousClock.Instant) -> Bool { min(since, started ?? since) > time }
}

/// What a server says when it is asked for its memory: the marker, its run id, for how many seconds it has run, and for
/// how many milliseconds the marker is there.
///
/// Each part is checked here, once: a peer's numbers enter no arithmetic unchecked.
struct MemoryReply: Hashable, Sendable {
    let memory: ServerMemory
    let uptime: Duration
    let markerLeft: Duration

    /// nil if the reply says none. A user who may not run `INFO` sees no run id; the marker alone is left then.
    init?(_ parts: some Collection<Reply>) {
        var parts = parts.makeIterator()
        guard let marker = parts.next()?.text, let runID = parts.next()?.text,
            let seconds = parts.next()?.text,
            case .integer(let milliseconds) = parts.next(), marker.utf8.count <= 64, runID.utf8.count <= 64
        else { return nil }
        memory = ServerMemory(runID: runID, marker: marker)
        uptime = seconds.number(.uptime).map { .seconds(max(0, $0 - 1)) } ?? .zero
        markerLeft = .milliseconds(PeerNumber.markerLeft.clamped(milliseconds))
    }
}

extension PeerNumber {
    /// How long a server runs, in seconds: 68 years at most, so that the time at which it started is one.
    fileprivate static let uptime = PeerNumber("an uptime", 0...Int64(Int32.max))

    /// For how many milliseconds a marker is there.
    fileprivate static let markerLeft = PeerNumber(
        "a number of milliseconds", 0...StandInKeys.memoryTTL.inMilliseconds)
}

extension MemoryReply {
    /// Asks a server over a connection of a node; nil if it does not say.
    ///
    /// - Parameter leavesMarker: Whether a marker is left there, or kept for longer: while another node is out.
    init?(of node: Node, over connection: Connection, leavesMarker: Bool) async {
        let ttl = Int64(StandInKeys.memoryTTL / .milliseconds(1))
        let reply = try? await connection.send(deadline: node.deadline()) { command in
            command.eval(
                StandInScript.memory, keys: [StandInKeys.memory],
                [leavesMarker ? RandomName.next() : "", "\(ttl)"])
        }
        guard case .array(let parts) = reply else { return nil }
        self.init(parts)
    }
}

extension Node {
    /// Has it told the ledger what it remembers, over the connection that it has. A marker is left there: from now on notes
    /// are taken, and their loss is to be found out.
    func leaveMarker(_ outageLog: OutageLog) async {
        guard let connection = session == nil ? nil : look({ $0.machine.current?.connection }) else { return }
        if let reply = await MemoryReply(of: self, over: connection, leavesMarker: true) {
            outageLog.learned(reply, of: self)
        }
    }
}
