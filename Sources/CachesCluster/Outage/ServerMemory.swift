import CachesTransport

/// A fingerprint of a server's memory: as long as it is the same, the notes taken there are still there.
///
/// It takes two parts. A restart gives another run id, even if an older snapshot brings the marker back; a
/// `FLUSHALL` removes the marker and keeps the run id. It does not show the eviction of single keys.
struct ServerMemory: Hashable, Sendable {
    /// The process of the server: `run_id` of `INFO server` (https://redis.io/docs/latest/commands/info/).
    var runID: String

    /// A random text in ``StandInKeys/memory``, left by the first process that saw another node go out.
    /// Empty: none was left.
    var marker: String
}

/// The knowledge about a server's memory.
struct KnownMemory: Hashable, Sendable {
    private(set) var memory: ServerMemory

    /// When the marker expires, if nobody prolongs it.
    private var markerEnd: ContinuousClock.Instant

    /// The time since which it is known.
    let since: ContinuousClock.Instant

    /// When the server started, by its first answer. nil: it was asked before, and has lost the memory it had
    /// then.
    let started: ContinuousClock.Instant?

    /// Updates the knowledge by a server's answer.
    ///
    /// - Parameters:
    ///   - uptime: How long the server has run, at least.
    ///   - markerLeft: How long the marker lasts, if nobody prolongs it.
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
        // The server has a marker by now, or the marker was prolonged.
        if memory.marker != former.memory.marker || now + markerLeft > markerEnd + .seconds(3600) {
            self.memory = memory
            markerEnd = now + markerLeft
        }
    }

    /// Whether a server is the known one, with its notes of that time.
    private func isSame(as other: ServerMemory, now: ContinuousClock.Instant) -> Bool {
        guard memory.runID == other.runID else { return false }
        return memory.marker.isEmpty || memory.marker == other.marker || now >= markerEnd
    }

    /// Whether a note taken after a time may be lost.
    func mayHaveLost(notedAfter time: ContinuousClock.Instant) -> Bool { min(since, started ?? since) > time }
}

/// A server's answer about its memory: the marker, its run id, how many seconds it has run, and how many
/// milliseconds the marker lasts.
///
/// Each part is checked here, once: a peer's numbers enter no arithmetic unchecked.
struct MemoryReply: Hashable, Sendable {
    let memory: ServerMemory
    let uptime: Duration
    let markerLeft: Duration

    /// nil if the reply has another form. A user who may not run `INFO` gets no run id; then only the marker
    /// is known.
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
    /// How long a server has run, in seconds: 68 years at most, so that its start is a valid time.
    fileprivate static let uptime = PeerNumber("an uptime", 0...Int64(Int32.max))

    /// How many milliseconds a marker lasts.
    fileprivate static let markerLeft = PeerNumber(
        "a number of milliseconds", 0...StandInKeys.memoryTTL.inMilliseconds)
}

extension MemoryReply {
    /// Asks a server over a connection of a node; nil if it does not answer.
    ///
    /// - Parameter leavesMarker: Whether a marker is left there, or kept for longer: while another node is
    ///   out.
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
    /// Reports the node's memory to the outage log, over its current connection. Leaves a marker there: from
    /// now on notes are taken, and their loss must be detected.
    func leaveMarker(_ outageLog: OutageLog) async {
        guard let connection = session == nil ? nil : look({ $0.machine.current?.connection }) else { return }
        if let reply = await MemoryReply(of: self, over: connection, leavesMarker: true) {
            outageLog.learned(reply, of: self)
        }
    }
}
