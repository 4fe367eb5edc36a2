import CachesPlatform
import Synchronization

/// One client of a hostile server, on the server's thread.
final class HostileConnection: ServedClient {
    private let socket: Descriptor
    private let number: Int
    private let role: HostileRole
    private var reader = CommandReader()
    private var count = 0
    /// The commands that are not answered yet, in order, each with the truth as soon as it is known.
    private var waiting: [(command: HostileServer.Command, truth: [UInt8]?)] = []
    private var truth: DescriptorBox?
    private var truthInput: [UInt8] = []
    private var truthOutput: ArraySlice<UInt8> = []
    /// How many replies of the real server answer commands that no client has sent.
    private var unasked = 0
    private var playback = AnswerPlayback()
    private var outgoing: ArraySlice<UInt8> = []
    private var hasEnded = false

    /// When bytes that it must not send yet are due.
    private(set) var due: ContinuousClock.Instant?

    /// So many commands may wait for their answers: more stay with the client.
    private static let mostWaiting = 4096

    init(_ socket: consuming Descriptor, number: Int, in role: HostileRole) {
        var yes: Int32 = 1
        unsafe setsockopt(
            socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        self.socket = socket
        self.number = number
        self.role = role
    }

    /// The events to wait for: on the client's side, and on that of the real server.
    var polled: [pollfd] {
        let reads = hasEnded || waiting.count < Self.mostWaiting
        return [
            pollfd(
                fd: socket.number,
                events: Int16(reads ? POLLIN : 0) | Int16(outgoing.isEmpty ? 0 : POLLOUT), revents: 0),
            pollfd(
                fd: truth?.descriptor.number ?? -1,
                events: Int16(POLLIN) | Int16(truthOutput.isEmpty ? 0 : POLLOUT), revents: 0),
        ]
    }

    func handle(_ events: ArraySlice<Int16>) -> Bool {
        let (events, truthEvents) = (events.first ?? 0, events.last ?? 0)
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
            if let bytes = socket.receive(atMost: 65_536) {
                guard !bytes.isEmpty else { return false }
                if !hasEnded { reader.append(bytes) }
            } else if errno != EAGAIN {
                return false
            }
        }
        while !hasEnded, let words = reader.next() { take(words) }
        if truthEvents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { hearTruth() }
        sendQuestions()
        answer()
        return play()
    }

    private func take(_ words: [[UInt8]]) {
        role.received.add(1, ordering: .relaxed)
        let command = HostileServer.Command(words: words, connection: number, index: count)
        count += 1
        if let courtesy = role.courtesy(to: command) {
            waiting.append((command, courtesy.bytes))
        } else if !role.hasTarget {
            waiting.append((command, WireReply.null.bytes))
        } else {
            if truth == nil {
                truth = role.askTruth()
                unasked = 1
            }
            guard truth != nil else { return waiting.append((command, Self.silentTruth)) }
            truthOutput += WireReply.array(words.map(WireReply.string)).bytes
            waiting.append((command, nil))
        }
    }

    private static let silentTruth = WireReply.error("ERR the real server does not answer").bytes

    private func sendQuestions() {
        while let truth, !truthOutput.isEmpty {
            let sent = truth.descriptor.send(truthOutput)
            guard sent > 0 else {
                if errno != EAGAIN { truthHasGone() }
                return
            }
            truthOutput = truthOutput.dropFirst(sent)
        }
    }

    private func hearTruth() {
        guard let truth else { return }
        guard let bytes = truth.descriptor.receive(atMost: 65_536) else {
            if errno != EAGAIN { truthHasGone() }
            return
        }
        guard !bytes.isEmpty else { return truthHasGone() }
        truthInput += bytes
        var (start, end) = (0, 0)
        while WireReply(truthInput[...], at: &end) != nil {
            let reply = truthInput[start..<end]
            start = end
            guard unasked == 0 else {
                unasked -= 1
                continue
            }
            guard let next = waiting.firstIndex(where: { $0.truth == nil }) else { break }
            waiting[next].truth = Array(reply)
        }
        truthInput.removeFirst(start)
    }

    private func truthHasGone() {
        truth = nil
        truthInput = []
        truthOutput = []
        for index in waiting.indices where waiting[index].truth == nil {
            waiting[index].truth = Self.silentTruth
        }
    }

    /// Decides on the answers to those commands of which the truth is known, in order.
    private func answer() {
        let known = waiting.firstIndex { $0.truth == nil } ?? waiting.count
        for (command, truth) in waiting.prefix(known) {
            var command = command
            command.truth = truth ?? []
            playback.add(role.answer(to: command), truth: command.truth)
        }
        waiting.removeFirst(known)
    }

    private func play() -> Bool {
        due = nil
        while !hasEnded {
            while !outgoing.isEmpty {
                let sent = socket.send(outgoing)
                guard sent > 0 else { return errno == EAGAIN }
                playback.sent(sent)
                outgoing = outgoing.dropFirst(sent)
            }
            switch playback.next(now: .now) {
            case .wait: return true
            case .pause(let time):
                due = time
                return true
            case .send(let bytes): outgoing = bytes
            case .close:
                // As a scripted server closes: sent bytes must not be lost with unread ones.
                shutdown(socket.number, Int32(SHUT_WR))
                hasEnded = true
                truth = nil
            case .reset:
                socket.resetOnClose()
                return false
            }
        }
        return true
    }
}
