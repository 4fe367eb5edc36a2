// Preparing, connecting, securing, greeting: all on the loop's thread, which holds the duty meanwhile.
extension Connection {
    func open() {
        guard unsafe inbound.pointee.opening != nil else { return }
        do throws(CachesError) {
            // Ticks from the start on: a name look-up has a deadline too.
            unsafe inbound.pointee.registration = try loop.register(self, nil)
            if let locator { locate(locator) } else { openThere() }
        } catch { fail(error.of(.clientExhausted)) }
    }

    /// Opens, once the destination is known.
    func openThere() {
        let destination = destination
        do throws(CachesError) {
            if destination.tls != nil, case .unix = destination.endpoint {
                throw CachesError(
                    .configuration, "TLS is set for the unix socket \(destination.endpoint).",
                    advice: "Leave tls nil: a unix socket does not leave the machine.")
            }
            let addresses = try Resolver.literalAddresses(of: destination.endpoint)
            guard let provider = configuration.credentialsProvider else {
                if destination.tls == nil, let addresses {
                    return prepared(addresses, nil, configuration.credentials)
                }
                return resolve(addresses, configuration.credentials)
            }
            provider.current { [self] credentials in
                do throws(CachesError) { resolve(addresses, try credentials.get()) } catch {
                    fail(error.of(.notPrepared))
                }
            }
        } catch { fail(error.of(.notPrepared)) }
    }

    /// Asks name servers, if need be, and goes on where files may be read.
    private func resolve(_ literal: [Address]?, _ credentials: Credentials?) {
        guard literal == nil, case .tcp(let host, let port) = destination.endpoint else {
            return BlockingWork.run { [self] in prepare(.success(literal ?? []), credentials) }
        }
        resolver.addresses(ofHost: host, port: port) { [self] in prepare($0, credentials) }
    }

    /// Reads certificates, on a thread that may block.
    private func prepare(_ found: Result<[Address], CachesError>, _ credentials: Credentials?) {
        do throws(CachesError) {
            let addresses = try found.get()
            var context: TLSContexts.Entry?
            if let tls = destination.tls { context = try TLSContexts.context(for: tls) }
            loop.execute { [self, addresses, context] in prepared(addresses, context, credentials) }
        } catch { fail(error.of(.notPrepared)) }
    }

    private func prepared(
        _ addresses: [Address], _ context: TLSContexts.Entry?, _ credentials: Credentials?
    ) {
        guard unsafe inbound.pointee.opening != nil else { return }
        unsafe inbound.pointee.opening?.race = AddressRace(addresses)
        unsafe inbound.pointee.opening?.tls = context
        unsafe inbound.pointee.opening?.credentials = credentials
        guard context != nil else { return connect() }
        waitForHandshake()
    }

    /// Connects when it is this connection's turn to shake hands.
    private func waitForHandshake() {
        guard let deadline = unsafe inbound.pointee.opening?.deadline else { return }
        let wait = handshakes.wait(atMost: deadline)
        guard let wait else { return fail(Self.tooManyHandshakes) }
        guard wait > 0 else { return connect() }
        unsafe inbound.pointee.opening?.stage = .queueing
        loop.schedule(after: .milliseconds(wait)) { [self] in
            if case .queueing = unsafe inbound.pointee.opening?.stage { connect() }
        }
    }

    private func connect() {
        unsafe inbound.pointee.opening?.stage = .connecting
        connectNext()
    }

    /// Begins with the addresses that are due.
    private func connectNext() {
        while let address = unsafe inbound.pointee.opening?.race.next(now: MonotonicClock.milliseconds) {
            switch Socket.connect(to: address) {
            case .failure(let error) where error.meansFullBacklog(of: address): return waitForBacklog()
            case .failure(let error): addressFailed(error)
            case .success(let socket):
                let attempt = ConnectAttempt(socket, at: address) { [self] in attemptEnded($0) }
                do throws(CachesError) {
                    let registration = try loop.register(attempt, socket.descriptor)
                    unsafe inbound.pointee.opening?.attempts.append((attempt, registration))
                } catch {
                    socket.close()
                    return fail(error.of(.clientExhausted))
                }
            }
        }
        guard let opening = unsafe inbound.pointee.opening, opening.race.isLost else { return }
        fail(opening.failure ?? unreachable("it has no address"))
    }

    /// A unix socket whose queue of connections is full says so at once, where TCP would wait: so does this.
    private func waitForBacklog() {
        unsafe inbound.pointee.opening?.stage = .backlogged
        loop.schedule(after: Self.backlogPause) { [self] in
            if case .backlogged = unsafe inbound.pointee.opening?.stage { openThere() }
        }
    }

    private static let backlogPause = Duration.milliseconds(10)

    private func addressFailed(_ error: SystemError) {
        unsafe inbound.pointee.opening?.race.failed()
        unsafe inbound.pointee.opening?.failure = unreachable("\(error)").of(
            error.isOfThisProcess ? .clientExhausted : .connectionRefused)
    }

    /// An attempt has connected or failed. The first that has connected ends the others.
    private func attemptEnded(_ attempt: ConnectAttempt) {
        guard
            let index = unsafe inbound.pointee.opening?.attempts.firstIndex(where: { $0.attempt === attempt })
        else { return }
        let place = unsafe inbound.pointee.opening?.attempts.remove(at: index)
        if let place { loop.deregister(place.registration) }
        let socket = attempt.socket
        if let error = socket.connectionError {
            socket.close()
            addressFailed(error)
            return connectNext()
        }
        abandonAttempts()
        unsafe inbound.pointee.opening?.address = attempt.address
        unsafe inbound.pointee.socket = socket
        unsafe outbound.pointee.socket = socket
        do throws(CachesError) {
            unsafe inbound.pointee.registration.map(loop.deregister)
            unsafe inbound.pointee.registration = nil
            unsafe inbound.pointee.registration = try loop.register(self, socket.descriptor)
        } catch { return fail(error.of(.clientExhausted)) }
        do throws(CachesError) { try connected() } catch { fail(error) }
    }

    /// Ends the attempts that are under way.
    func abandonAttempts() {
        // Not `for … in opening?.attempts ?? []`: Swift 6.3 leaks that array's buffer in a debug build.
        while let pending = unsafe inbound.pointee.opening?.attempts.popLast() {
            loop.deregister(pending.registration)
            pending.attempt.socket.close()
        }
    }

    /// Notes whether the address worked, for the next connection to the same name.
    func noteAddress(of opening: Opening, worked: Bool) {
        guard let address = opening.address, case .tcp(let host, let port) = destination.endpoint,
            !destination.endpoint.isNumeric
        else { return }
        resolver.note(address, of: LookUps.Name(host: host, port: port), worked: worked)
    }

    func advanceOpening(_ event: PollEvent) {
        do throws(CachesError) {
            guard let opening = unsafe inbound.pointee.opening else { return }
            switch opening.stage {
            case .locating, .preparing, .queueing, .backlogged, .connecting: return
            case .securing, .greeting:
                if event.writable { try pumpOpening() }
                if event.readable { try receiveOpening(untilEnd: event.ended) }
            }
        } catch {
            guard error.code == .connectionLost, reopenWithoutName() else { return fail(error) }
        }
    }

    private func connected() throws(CachesError) {
        let destination = destination
        guard let tls = destination.tls, let context = unsafe inbound.pointee.opening?.tls?.context,
            case .tcp(let host, let port) = destination.endpoint
        else { return try greet() }
        unsafe inbound.pointee.opening?.stage = .securing
        let session = try TLSSession(context, tls, host: host, port: port)
        unsafe outbound.pointee.tls = session
        unsafe inbound.pointee.tls = session
        unsafe try shakeHands(session, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The first bytes tell a server without TLS, and noise, from one that has it.
    private func checkIsTLS(_ bytes: UnsafeRawBufferPointer) throws(CachesError) {
        guard unsafe inbound.pointee.opening?.hasReceived == false else { return }
        unsafe inbound.pointee.opening?.hasReceived = true
        // The types of records (RFC 8446, section 5.1): change_cipher_spec, alert, handshake,
        // application_data.
        guard let first = unsafe bytes.first, !(20...23).contains(first) else { return }
        guard "+-$*:".utf8.contains(first) else {
            throw CachesError(
                .tls, "\(endpoint) answered the TLS handshake with data that is not TLS.",
                advice: "Check the address and port: neither a TLS server nor Redis answers like this.")
        }
        throw CachesError(
            .tls, "The server at \(endpoint) answered the TLS handshake without TLS.",
            advice: TLSFailure.notTLS)
    }

    private func shakeHands(_ session: TLSSession, _ bytes: UnsafeRawBufferPointer) throws(CachesError) {
        let state: TLSSession.Handshake
        do throws(CachesError) {
            state = try unsafe session.shakeHands(bytes, &outbound.pointee.wire)
        } catch {
            // The alert tells the server's log what was wrong; it is sent if it can be.
            _ = pump()
            throw error
        }
        try pumpOpening()
        if case .finished = state { try greet() }
    }

    private func greet() throws(CachesError) {
        unsafe inbound.pointee.opening?.stage = .greeting
        var writer = CommandWriter()
        if unsafe inbound.pointee.opening?.isNamed == true {
            unsafe inbound.pointee.opening?.isNamed = isNamed
        }
        greeting(of: unsafe inbound.pointee.opening).write(to: &writer)
        unsafe swap(&writer.buffer, &outbound.pointee.plain)
        try seal()
        try pumpOpening()
    }

    private func pumpOpening() throws(CachesError) {
        if case .failed(let error) = pump() { throw lostWhileOpening("\(error)") }
    }

    private func receiveOpening(untilEnd: Bool) throws(CachesError) {
        let buffer = unsafe loop.receiveBuffer
        while let stage = unsafe inbound.pointee.opening?.stage {
            guard let socket = unsafe inbound.pointee.socket else { return }
            switch unsafe socket.receive(into: buffer) {
            case .wouldBlock: return
            case .ended:
                if reopenWithoutName() { return }
                throw refusal ?? lostWhileOpening("the server closed it")
            case .failed(let error):
                if reopenWithoutName() { return }
                throw refusal ?? lostWhileOpening("\(error)")
            case .moved(let count):
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
                unsafe inbound.pointee.opening?.receivedBytes += count
                guard unsafe inbound.pointee.opening?.receivedBytes ?? 0 <= Opening.mostReceivedBytes else {
                    throw sentTooMuch
                }
                if case .securing = stage, let session = unsafe inbound.pointee.tls {
                    unsafe try checkIsTLS(bytes)
                    unsafe try shakeHands(session, bytes)
                } else {
                    unsafe try take(bytes)
                }
            }
        }
        // It opened; the remaining bytes are for the waiters.
        receive(untilEnd: untilEnd)
    }

    /// Takes the answers to the greeting, when all have come.
    func answerGreeting() throws(CachesError) {
        let opening = unsafe inbound.pointee.opening
        let greeting = greeting(of: opening)
        let replies = unsafe inbound.pointee.replies
        guard replies.count >= greeting.count else { return }
        unsafe inbound.pointee.replies = []
        try greeting.check(replies)
        noteNaming(of: opening)
        unsafe inbound.pointee.opening = nil
        let isOpen = shared.withLock { shared in
            guard shared.machine.phase == .opening else { return false }
            shared.machine.opened(now: MonotonicClock.milliseconds)
            return true
        }
        guard isOpen else {
            // Closed meanwhile by its owner: the duty goes back as it would have while opening.
            let release = shared.withLock { $0.machine.releaseDuty() }
            return release == .closeDescriptor ? finish() : ()
        }
        var session = unsafe SessionInfo(inbound.pointee.tls)
        session.files = opening?.tls?.files
        session.credentials = opening?.credentials
        session.endpoint = endpoint
        session.address = opening?.address
        if let opening { noteAddress(of: opening, worked: true) }
        observer(.opened(session))
        flush(as: .loop)
        if shared.withLock({ $0.machine.isDrained }) { abort() }
    }

    /// Ends an opening that takes too long, and goes on to the next address when it is due.
    func tickOpening(_ opening: Opening) {
        guard opening.deadline.hasPassed else {
            if case .connecting = opening.stage, !opening.attempts.isEmpty { connectNext() }
            return
        }
        fail(
            CachesError(
                .timeout,
                "Opening a connection to \(endpoint) was not done in time; it was at: \(opening.stage).",
                advice: opening.stage.advice
            ).of(opening.stage.incident))
    }

    // MARK: Errors

    /// The server's error before it closed the connection, such as that it has too many clients.
    private var refusal: CachesError? {
        guard case .error(let answer) = unsafe inbound.pointee.replies.first else { return nil }
        return answer.error(node: configuration.name)
    }

    private static let tooManyHandshakes = CachesError(
        .unreachable,
        "So many TLS connections of the pool are being opened that this one's turn would come too late.",
        advice: "It is tried again by itself. If it goes on, look which servers close connections."
    ).of(.handshakesQueued)

    private var sentTooMuch: CachesError {
        CachesError(
            .protocolViolation,
            "\(endpoint) sent more than \(Opening.mostReceivedBytes) bytes before the connection was open.",
            advice: "No Redis or Valkey server does; check the address and port."
        ).of(.greetingFailed)
    }

    private func unreachable(_ reason: String) -> CachesError {
        CachesError(
            .unreachable, "No connection to \(endpoint): \(reason).",
            advice: "Check that the server runs and listens there.")
    }

    private func lostWhileOpening(_ how: String) -> CachesError {
        let stage = unsafe inbound.pointee.opening?.stage ?? .connecting
        // In TLS 1.3 a server refuses a client's certificate after the handshake, and the alert that says so
        // may be lost with the connection.
        let isAfterHandshake = stage == .greeting && configuration.tls != nil
        let advice =
            switch stage {
            case .greeting where isAfterHandshake:
                "The server may refuse the client: \(TLSFailure.certificateAdvice)"
            case .greeting:
                "A TLS port ends it so (then use rediss://), and a proxy or server that takes no "
                    + "\(greeting(of: unsafe inbound.pointee.opening).list)."
            default: stage.advice
            }
        return CachesError(
            stage == .securing || isAfterHandshake ? .tls : .connectionLost,
            "The connection to \(endpoint) was lost while waiting for \(stage): \(how).",
            advice: advice)
    }
}
