import CachesPlatform
import Synchronization

// How no server outlives the tests that started it.
//
// A process that is killed with SIGKILL can't clean up, so another process has to. Each fleet has one: a
// shell that runs a script of thirty lines (Supervisor+Script.swift). It makes the private folder, starts the
// servers, and otherwise blocks in `read` on a socket whose other end only this process holds.
//
//     this process ──socket──▶ sh ──┬── redis-server
//                                   └── redis-server (stopped by SIGSTOP)
//
// 1. However this process ends (return, crash, SIGKILL), the kernel closes its end of the socket. `read` then
//    fails, and the shell kills the servers, also paused ones, waits for them, removes the folder and ends.
// 2. Nobody else keeps the socket open: it is close-on-exec from its first moment, and the shell closes
//    inherited descriptors beyond the standard ones.
// 3. The shell runs in a process group of its own and ignores SIGINT, SIGHUP and SIGTERM: Ctrl-C reaches this
//    process alone, and rule 1 does the rest.
// 4. The shell is the servers' parent, and it alone signals them. A process number is not reused before its
//    parent has waited for it, so that a signal can't hit a stranger.

/// The shell that owns a private temporary folder and the servers that run in it.
final class Supervisor: Sendable {
    /// The private folder's absolute path. It is short: sockets live in it, whose paths have a small limit.
    let folder: String

    /// The shell.
    let process: pid_t

    private let channel: Mutex<Channel?>

    /// Starts a supervisor that can start `server` programs, if one is given.
    ///
    /// Blocks for a few milliseconds.
    init(server: String? = nil) throws(FleetError) {
        let pair = try Descriptor.socketPair()
        process = try Supervisor.spawn(server: server ?? "false", channel: pair.theirs)
        // From here on the shell alone has its end.
        var channel = Channel(descriptor: pair.ours)
        channel.descriptor.setTimeout(Supervisor.patience)
        do throws(FleetError) {
            folder = try channel.readLine()
            guard folder.hasPrefix("/") else {
                throw FleetError(.system, "Can't make a temporary folder: \(folder)")
            }
        } catch {
            _ = consume channel
            Supervisor.reap(process)
            throw error
        }
        self.channel = Mutex(channel)
    }

    /// Stops the servers, and removes the folder. Waits for it on another thread.
    deinit {
        channel.withLock { channel in giveUp(&channel) }
    }

    /// Kills every server, removes the folder, and returns when all that is done. Harmless when repeated.
    ///
    /// Blocks for a few milliseconds.
    func stop() {
        // The lock is kept while waiting, so that a second caller too returns only when all is done.
        channel.withLock { channel in
            guard channel != nil else { return }
            channel = nil
            Supervisor.reap(process)
        }
    }

    /// Starts the server whose `redis.conf` is in a folder inside ``folder``, or the shell script `script`
    /// there, which has to `exec` the program to be killed.
    func start(in name: String) throws(FleetError) -> pid_t {
        let answer = try request("start \(name)")
        guard let process = pid_t(answer) else {
            throw FleetError(.system, "Can't start a process: \(answer)")
        }
        return process
    }

    /// Kills a server, and returns when it has ended.
    func kill(_ process: pid_t) { _ = try? request("kill \(process)") }

    /// Stops a server's threads where they are.
    func pause(_ process: pid_t) { _ = try? request("STOP \(process)") }

    /// Lets a paused server go on.
    func resume(_ process: pid_t) { _ = try? request("CONT \(process)") }

    /// Runs the shell script `script` in a folder inside ``folder``: its exit code. Its output goes to `log`.
    func run(in name: String) throws(FleetError) -> Int {
        let answer = try request("run \(name)")
        guard let code = Int(answer) else { throw FleetError(.system, "Can't run a script: \(answer)") }
        return code
    }

    private func request(_ line: String) throws(FleetError) -> String {
        // The lock pairs each request with its answer, which takes the shell well under a millisecond, or as
        // long as the script that it runs.
        try channel.withLock { channel throws(FleetError) in
            guard channel != nil else { throw FleetError(.stopped, "The fleet has been stopped.") }
            do throws(FleetError) {
                return try channel!.request(line)
            } catch {
                // A late answer would be taken for that of the next request.
                giveUp(&channel)
                throw error
            }
        }
    }

    /// Closes the socket, and leaves it to another thread to wait for the shell.
    private func giveUp(_ channel: inout Channel?) {
        guard channel != nil else { return }
        channel = nil
        onOwnThread { [process] in Supervisor.reap(process) }
    }

    /// How long the shell may take for one request.
    private static let patience = Duration.seconds(30)

    private static func reap(_ process: pid_t) {
        var status: Int32 = 0
        _ = uninterrupted { unsafe waitpid(process, &status, 0) }
    }
}

/// This process' end of the socket.
private struct Channel: ~Copyable {
    let descriptor: Descriptor
    private var buffer: [UInt8] = []

    init(descriptor: consuming Descriptor) { self.descriptor = descriptor }

    mutating func request(_ line: String) throws(FleetError) -> String {
        guard descriptor.sendAll(Array((line + "\n").utf8)) else {
            throw .system("The fleet's supervisor has gone")
        }
        return try readLine()
    }

    mutating func readLine() throws(FleetError) -> String {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            guard let bytes = descriptor.receive(atMost: 1024) else {
                throw .system("The fleet's supervisor doesn't answer")
            }
            guard !bytes.isEmpty else { throw FleetError(.system, "The fleet's supervisor has gone.") }
            buffer += bytes
        }
    }
}
