#if canImport(Darwin)
    private import CachesPlatform

    /// kqueue, with a user event to wake it.
    // Safe: the event array belongs to this value alone, which can't be copied.
    @safe struct Poller: PollerContract, ~Copyable {
        private var queue: Int32 = -1
        private let ready: UnsafeMutablePointer<kevent>

        private static let wakeToken = UInt64.max

        var wakeDescriptor: Int32 { queue }

        init() { unsafe ready = .allocate(capacity: pollEventsAtOnce) }

        mutating func open() throws(CachesError) {
            guard queue < 0 else { return }
            let queue = kqueue()
            guard queue >= 0,
                Self.change(queue, 0, EVFILT_USER, EV_ADD | EV_CLEAR, token: Self.wakeToken)
            else {
                let error = SystemError.current.error("kqueue")
                close(queue)
                throw error
            }
            self.queue = queue
        }

        deinit {
            close(queue)
            unsafe ready.deallocate()
        }

        func add(_ descriptor: Int32, token: UInt64) throws(CachesError) {
            for filter in [EVFILT_READ, EVFILT_WRITE] {
                guard Self.change(queue, UInt(descriptor), filter, EV_ADD | EV_CLEAR, token: token) else {
                    throw SystemError.current.error("kevent")
                }
            }
        }

        func remove(_ descriptor: Int32) {
            for filter in [EVFILT_READ, EVFILT_WRITE] {
                _ = Self.change(queue, UInt(descriptor), filter, EV_DELETE, token: 0)
            }
        }

        mutating func wait(milliseconds: Int32, into events: inout [PollEvent]) {
            guard queue >= 0 else { return sleepUnopened(milliseconds) }
            var timeout = timespec(
                tv_sec: Int(milliseconds) / 1000, tv_nsec: Int(milliseconds) % 1000 * 1_000_000)
            let count =
                milliseconds < 0
                ? unsafe kevent(queue, nil, 0, ready, Int32(pollEventsAtOnce), nil)
                : unsafe kevent(queue, nil, 0, ready, Int32(pollEventsAtOnce), &timeout)
            guard count > 0 else { return }
            for index in 0..<Int(count) {
                let event = unsafe ready[index]
                let token = UInt64(UInt(bitPattern: unsafe event.udata))
                if token == Self.wakeToken { continue }
                let ended = Int32(event.flags) & (EV_EOF | EV_ERROR) != 0
                events.append(
                    PollEvent(
                        token: token,
                        readable: ended || Int32(event.filter) == EVFILT_READ,
                        writable: ended || Int32(event.filter) == EVFILT_WRITE,
                        ended: ended))
            }
        }

        static func wake(_ wakeDescriptor: Int32) {
            var event = kevent()
            event.filter = Int16(EVFILT_USER)
            event.fflags = UInt32(NOTE_TRIGGER)
            unsafe event.udata = UnsafeMutableRawPointer(bitPattern: UInt(wakeToken))
            unsafe _ = kevent(wakeDescriptor, &event, 1, nil, 0, nil)
        }

        private static func change(
            _ queue: Int32, _ identifier: UInt, _ filter: Int32, _ flags: Int32, token: UInt64
        ) -> Bool {
            var event = kevent()
            event.ident = identifier
            event.filter = Int16(filter)
            event.flags = UInt16(flags)
            unsafe event.udata = UnsafeMutableRawPointer(bitPattern: UInt(token))
            return unsafe kevent(queue, &event, 1, nil, 0, nil) == 0
        }
    }
#endif
