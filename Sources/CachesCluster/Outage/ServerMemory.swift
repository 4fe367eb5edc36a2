import CachesTransport

/// What a server remembers, for short: as long as this is the same, what was noted there is there.
///
/// It takes two to tell. A restart gives another run id, also where an older snapshot brings the marker back; a
/// `FLUSHALL` takes the marker away and keeps the run id. What it does not show is the eviction of single keys.
struct ServerMemory: Hashable, Sendable {
    /// The process of the server: `run_id` of `INFO server` (https://redis.io/docs/latest/commands/info/).
    var runID: String

    /// A random text in ``StandInKeys/memory``, left by who came there first.
    var marker: String
}

/// What is known of a server's memory.
struct KnownMemory: Hashable, Sendable {
    let memory: ServerMemory

    /// Since when it is known.
    let since: ContinuousClock.Instant

    /// When the server started, by what it said when it was first asked. nil: it was asked before, and has lost what it
    /// had then.
    let started: ContinuousClock.Instant?

    /// What is known now that a server has said so.
    /// - Parameter uptime: How long the server runs, at least.
    init(
        _ memory: ServerMemory, uptime: Duration, after former: KnownMemory?, now: ContinuousClock.Instant
    ) {
        if let former, former.memory == memory {
            self = former
        } else {
            self.memory = memory
            since = now
            started = former == nil ? now - uptime : nil
        }
    }

    /// Whether something that was noted after a time may be lost.
    func mayHaveLost(notedAfter time: ContinuousClock.Instant) -> Bool { min(since, started ?? since) > time }
}

/// What a server says when it is asked for its memory: the marker, its run id, and for how many seconds it has run.
///
/// Each part is checked here, once: a peer's numbers enter no arithmetic unchecked.
struct MemoryReply: Hashable, Sendable {
    let memory: ServerMemory
    let uptime: Duration

    /// nil if the reply says none. A user who may not run `INFO` sees no run id; the marker alone is left then.
    init?(_ parts: some Collection<Reply>) {
        var parts = parts.makeIterator()
        guard let marker = parts.next()?.text, let runID = parts.next()?.text, let seconds = parts.next()?.text,
            marker.utf8.count <= 64, runID.utf8.count <= 64
        else { return nil }
        memory = ServerMemory(runID: runID, marker: marker)
        uptime = Int32(seconds).map { .seconds(max(0, $0 - 1)) } ?? .zero
    }
}

extension MemoryReply {
    /// Asks a server over a connection of a node; nil if it does not say.
    init?(of node: Node, over connection: Connection) async {
        let ttl = Int64(StandInKeys.memoryTTL / .milliseconds(1))
        let reply = try? await connection.send(deadline: node.deadline()) { command in
            command.eval(StandInScript.memory, keys: [StandInKeys.memory], [RandomName.next(), "\(ttl)"])
        }
        guard case .array(let parts) = reply else { return nil }
        self.init(parts)
    }
}
