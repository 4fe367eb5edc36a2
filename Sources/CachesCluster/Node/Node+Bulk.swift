internal import CachesTransport

extension Node {
    /// Sends a piece of a bulk call when it is its turn and the connection has room for it, and for others.
    ///
    /// - Parameter body: Sends it, and waits for its replies. It is called again if the connection had no
    ///   room after all: then nothing has been sent.
    func inTurn<Output>(
        _ piece: BulkPiece, deadline: Deadline, _ body: () async throws -> Output
    ) async throws -> Output {
        guard !bulk.limits.isSmall(commands: piece.commands, bytes: piece.bytes) else {
            return try await body()
        }
        return try await inTurnAlways(piece, deadline: deadline, body)
    }

    /// As ``inTurn(_:deadline:_:)``, but small pieces wait for their turn too: the piece is one of several.
    func inTurnAlways<Output>(
        _ piece: BulkPiece, deadline: Deadline, _ body: () async throws -> Output
    ) async throws -> Output {
        try await bulk.take(piece, deadline: deadline)
        defer { bulk.giveBack(piece) }
        while true {
            try await waitForRoom(piece, deadline: deadline)
            do { return try await body() } catch let error as CachesError where error.code == .overloaded {
                // Other calls have filled the connection meanwhile.
                guard deadline.remaining > Self.pauseForRoom else { throw error }
                try await Task.sleep(for: Self.pauseForRoom)
            }
        }
    }

    private func waitForRoom(_ piece: BulkPiece, deadline: Deadline) async throws {
        while let connection = look({ $0.machine.current?.connection }) {
            let (commands, bytes) = connection.load
            let inFlight = BulkPiece(commands: commands, bytes: bytes)
            guard !bulk.limits.leavesRoom(piece, inFlight: inFlight) else { return }
            guard deadline.remaining > Self.pauseForRoom else { throw bulk.tooLate }
            try await Task.sleep(for: Self.pauseForRoom)
        }
    }

    /// How long a piece waits before it checks again for room on a connection that other calls fill. This is
    /// rare: other calls usually fill an eighth of the limits or less.
    private static let pauseForRoom = Duration.milliseconds(2)
}
