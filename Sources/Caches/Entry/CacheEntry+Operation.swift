extension CacheEntry {
    /// An operation that sends one command of a server: its name, the key, and other words.
    ///
    /// For classes of your own. The operation has all that those of this library have: it goes to the node
    /// that owns the key, also during a hand-over; it is repeated, redirected, answered by a stand-in or by
    /// the policy while the node is out; it can be in a batch and in a transaction.
    ///
    /// ```swift
    /// /// The days on which a user came.
    /// final class VisitsCache: CacheEntry, @unchecked Sendable {
    ///     func visiting(day: Int) -> CacheOperation<Bool> {
    ///         operation("SETBIT", [.number(day), "1"], idempotent: false, whenOut: .drop(false)) {
    ///             try $0.requireInteger(from: $1) == 0
    ///         }
    ///     }
    ///     func visit(day: Int) async throws -> Bool { try await visiting(day: day).run() }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The command's name. Its first argument must be the key, and there must be no other key.
    ///   - arguments: The words after the key.
    ///   - idempotent: Whether carrying it out twice does no harm, and gives the same output. Such a command
    ///     is sent again if its connection is lost before the reply.
    ///   - whenOut: The behaviour while its node is out, and whether it reads or writes. Default: it fails.
    ///   - read: Makes the output of the reply, which is no error. The second argument names the node for
    ///     errors: see ``Reply/unexpected(from:expected:)``.
    public final func operation<Output: Sendable>(
        _ name: StaticString, _ arguments: [Payload] = [], idempotent: Bool,
        whenOut: OutageAnswer<Output> = .fail,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) -> CacheOperation<Output> {
        operation {
            if whenOut.kind != .miss { try key.checkIsNotReserved() }
            return CacheCommand(name, arguments, idempotent: idempotent, whenOut: whenOut, read: read)
        }
    }

    /// An operation that writes items, and restarts the ttl of the key in the same atomic step.
    ///
    /// With a ttl it is a script, for which an ACL user needs `+eval`.
    ///
    /// - Parameters:
    ///   - name: The command's name. It must return an integer that adds up over items, or take a single
    ///     item: some 4 000 words are written by one call, more by several calls of one script.
    ///   - fixed: The words between the key and the items.
    ///   - items: The items to write. If there are no items, nothing is sent, and the output is that of
    ///     `whenOut`.
    ///   - ttl: How long the key is kept from now on. nil: as ``CacheEntry/ttl`` says.
    ///   - idempotent: As for ``operation(_:_:idempotent:whenOut:read:)``.
    ///   - whenOut: As for ``operation(_:_:idempotent:whenOut:read:)``.
    ///   - read: As for ``operation(_:_:idempotent:whenOut:read:)``.
    public final func operation<Output: Sendable>(
        writing name: StaticString, _ fixed: [Payload] = [], items: [Payload], ttl: TTL? = nil,
        idempotent: Bool, whenOut: OutageAnswer<Output> = .fail,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) -> CacheOperation<Output> {
        operation {
            CacheCommand(
                writing: name, fixed, items: items, milliseconds: try milliseconds(ttl),
                idempotent: idempotent, whenOut: whenOut, read: read)
        }
    }

    /// An operation that runs a Lua script, with the key as its `KEYS[1]`.
    ///
    /// An ACL user needs `+eval` for it, and the commands inside.
    ///
    /// - Parameters:
    ///   - script: The script. It is sent with each call: keep it short.
    ///   - arguments: Its `ARGV`.
    ///   - idempotent: As for ``operation(_:_:idempotent:whenOut:read:)``.
    ///   - whenOut: As for ``operation(_:_:idempotent:whenOut:read:)``. A stand-in runs no scripts: where
    ///     one would carry out a command, a script that writes is dropped, and one that reads finds nothing.
    ///   - read: As for ``operation(_:_:idempotent:whenOut:read:)``.
    public final func operation<Output: Sendable>(
        script: StaticString, _ arguments: [Payload] = [], idempotent: Bool,
        whenOut: OutageAnswer<Output> = .fail,
        read: @escaping @Sendable (Reply, any ReplySource) throws -> Output
    ) -> CacheOperation<Output> {
        operation {
            if whenOut.kind != .miss { try key.checkIsNotReserved() }
            return CacheCommand(
                script: script, arguments, idempotent: idempotent, whenOut: whenOut, read: read)
        }
    }

    /// An operation on the key. What `make` throws, running the operation throws.
    final func operation<Output: Sendable>(
        _ make: () throws -> CacheCommand<Output>
    ) -> CacheOperation<Output> {
        CacheOperation(cache: self, command: Result(catching: make))
    }

    /// Carries out an operation on the key.
    final func run<Output>(_ operation: CacheOperation<Output>) async throws -> Output {
        let command = try operation.command.get()
        if let output = command.outputOfNothing { return output }
        return try await run(command)
    }
}
