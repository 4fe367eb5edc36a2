#if os(Linux)
    private import CachesPlatform

    /// epoll, with an eventfd to wake it.
    // Safe: the event array belongs to this value alone, which can't be copied.
    @safe struct Poller: PollerContract, ~Copyable {
        private var epoll: Int32 = -1
        private(set) var wakeDescriptor: Int32 = -1
        private let ready: UnsafeMutablePointer<epoll_event>

        private static let wakeToken = UInt64.max

        init() { unsafe ready = .allocate(capacity: pollEventsAtOnce) }

        mutating func open() throws(CachesError) {
            guard epoll < 0 else { return }
            let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard epoll >= 0 else { throw SystemError.current.error("epoll_create1") }
            let eventDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            guard eventDescriptor >= 0, Self.add(eventDescriptor, to: epoll, token: Self.wakeToken) else {
                let error = SystemError.current.error("eventfd")
                close(epoll)
                close(eventDescriptor)
                throw error
            }
            self.epoll = epoll
            wakeDescriptor = eventDescriptor
        }

        deinit {
            close(wakeDescriptor)
            close(epoll)
            unsafe ready.deallocate()
        }

        func add(_ descriptor: Int32, token: UInt64) throws(CachesError) {
            guard Self.add(descriptor, to: epoll, token: token) else {
                throw SystemError.current.error("epoll_ctl")
            }
        }

        private static func add(_ descriptor: Int32, to epoll: Int32, token: UInt64) -> Bool {
            var event = unsafe epoll_event()
            unsafe event.events =
                EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            unsafe event.data.u64 = token
            return unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0
        }

        func remove(_ descriptor: Int32) {
            _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
        }

        mutating func wait(milliseconds: Int32, into events: inout [PollEvent]) {
            guard epoll >= 0 else { return sleepUnopened(milliseconds) }
            let count = unsafe epoll_wait(epoll, ready, Int32(pollEventsAtOnce), milliseconds)
            guard count > 0 else { return }
            for index in 0..<Int(count) {
                let event = unsafe ready[index]
                let token = unsafe event.data.u64
                if token == Self.wakeToken {
                    var counter: UInt64 = 0
                    unsafe _ = read(wakeDescriptor, &counter, MemoryLayout<UInt64>.size)
                    continue
                }
                let failed = unsafe event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
                let ended = unsafe failed || event.events & EPOLLRDHUP.rawValue != 0
                events.append(
                    PollEvent(
                        token: token,
                        readable: unsafe ended || event.events & EPOLLIN.rawValue != 0,
                        writable: unsafe failed || event.events & EPOLLOUT.rawValue != 0,
                        ended: ended))
            }
        }

        static func wake(_ wakeDescriptor: Int32) {
            var one: UInt64 = 1
            unsafe _ = write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
        }
    }
#endif
