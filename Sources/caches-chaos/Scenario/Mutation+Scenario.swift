// The orders of events that distinguish a mutation from sound clients. X is server 0, which is out and
// returns. Y and Z, servers 1 and 2, stand in for it, in this order for `k`. W, client 0, writes; R, client
// 1, reads.

extension Mutation {
    /// The events that show the mutation, and no violation of sound clients.
    var scenario: Scenario {
        switch self {
        case .removesEverything: Self.all
        case .noDoubt: Self.unread
        case .oneNote: Self.lost([1])
        case .noMemory: Self.lost([1, 2])
        case .countedNotes: Self.recurring
        case .earlySure: Self.early
        case .waitsForSilent: Self.silent
        case .noJournal: Self.lost([])
        }
    }

    private static let k = ScenarioKey(0, 1, 2)

    /// X refuses the clients, and they find out.
    private static func outage(of clients: [Int]) -> [Step] {
        clients.map { .begin(.refuse, server: 0, client: $0) }
            + clients.map { .untilOut(client: $0, server: 0) }
    }

    /// W has a value at X, loses X, and writes a newer one in its place.
    private static let written: [Step] =
        [.write(client: 0, k, version: 1)] + outage(of: [0, 1]) + [.write(client: 0, k, version: 2)]

    /// R uses X, and reads. W has not come back by then, and can't have removed anything.
    private static let returned: [Step] = [
        .end(server: 0, client: 1), .untilUsed(client: 1, server: 0), .read(client: 1, k),
        .end(server: 0, client: 0), .untilUsed(client: 0, server: 0),
    ]

    /// W writes in place of X; stand-ins lose their notes; R returns to X. If no note is lost, R has to
    /// remove the old value. If one is lost, the write has to have been noted twice. If both are lost, R has
    /// to see that.
    private static func lost(_ servers: [Int]) -> Scenario {
        Scenario(steps: written + servers.map { .flush(server: $0) } + returned)
    }

    /// W writes in place of X; R loses Y and Z as well; X returns for R, which can't ask anybody.
    private static let unread: Scenario = {
        let away = [1, 2].flatMap { server -> [Step] in
            [.begin(.refuse, server: server, client: 1), .untilOut(client: 1, server: server)]
        }
        let back = [1, 2].flatMap { server -> [Step] in
            [.end(server: server, client: 1), .untilUsed(client: 1, server: server)]
        }
        return Scenario(steps: written + away + returned + back)
    }()

    /// R, which only reads, loses all servers, and X returns first.
    private static let all: Scenario = {
        let away = (0...2).flatMap { server -> [Step] in
            [.begin(.refuse, server: server, client: 1), .untilOut(client: 1, server: server)]
        }
        let back = (0...2).flatMap { server -> [Step] in
            [.end(server: server, client: 1), .untilUsed(client: 1, server: server)]
        }
        return Scenario(steps: away + back)
    }()

    /// R loses X, and Y doesn't answer it; X returns for R while Y is still silent.
    private static let silent = Scenario(steps: [
        .begin(.partition(.both), server: 1, client: 1), .untilOut(client: 1, server: 1),
        .begin(.refuse, server: 0, client: 1), .untilOut(client: 1, server: 0),
        .end(server: 0, client: 1),
        // Twice as long, since a busy machine excuses much.
        .untilUsed(client: 1, server: 0), .untilUsed(client: 1, server: 0),
        .end(server: 1, client: 1), .untilUsed(client: 1, server: 1),
    ])

    /// Two servers, so that Y alone notes. R returns first: it has read W's note on Y and removed k at X. The
    /// message that tells Y to forget the note is held on its way, while R is frozen. W returns, also deals
    /// with the note, writes 3 at X, loses X again, and writes 4 on Y: a second note. Now Y is told to forget
    /// the first. R's connection to X is gone when R wakes, so R looks again. If both notes had the same
    /// number, it finds no note, and reads 3.
    ///
    /// The way from R to X is slow meanwhile, since R has to be caught between two messages.
    private static let recurring: Scenario = {
        let k = ScenarioKey(0, 1)
        return Scenario(
            servers: 2,
            steps: [.write(client: 0, k, version: 1)] + outage(of: [0, 1]) + [
                .write(client: 0, k, version: 2),
                .begin(.delay(milliseconds: 60), server: 0, client: 1), .untilRemoved(k),
                .begin(.partition(.toServer), server: 1, client: 1), .pause(milliseconds: 120),
                .begin(.stopClient, server: nil, client: 1),
                // Longer than R's lock at X.
                .pause(milliseconds: 1200),
                .end(server: 0, client: 0), .untilUsed(client: 0, server: 0),
                .write(client: 0, k, version: 3), .begin(.refuse, server: 0, client: 0),
                .untilOut(client: 0, server: 0), .write(client: 0, k, version: 4),
                .end(server: 1, client: 1), .begin(.refuse, server: 0, client: 1), .pause(milliseconds: 200),
                .end(server: nil, client: 1), .pause(milliseconds: 500),
                .end(server: 0, client: 1), .untilUsed(client: 1, server: 0), .read(client: 1, k),
                .end(server: 0, client: 0), .untilUsed(client: 0, server: 0),
            ])
    }()

    /// Q, client 2, comes back to X and can't ask Y and Z: k is in doubt for it. R begins to come back, and
    /// is held on the way to X, before it has asked Y and Z. Q writes 2 at X, and with it that this is sure;
    /// W, for which X is still out, writes 3 on Y and Z, which lose the notes. R goes on, and finds that they
    /// have lost their memory. It may believe values that became sure after its return ended, but not values
    /// that became sure only after its return began.
    private static let early: Scenario = {
        let away = [1, 2].flatMap { server -> [Step] in
            [.begin(.refuse, server: server, client: 2), .untilOut(client: 2, server: server)]
        }
        let back = [1, 2].flatMap { server -> [Step] in
            [.end(server: server, client: 2), .untilUsed(client: 2, server: server)]
        }
        return Scenario(
            clients: 3, deadline: 4000,
            steps: [.write(client: 0, k, version: 1)] + outage(of: [0, 1, 2]) + away + [
                .end(server: 0, client: 2), .untilUsed(client: 2, server: 0),
                // The first is about a new connection, the second begins the return.
                .expect(
                    server: 0, command: "eval", times: 2,
                    after: FollowingStep(kind: .delay(milliseconds: 100), server: 0, client: 1)),
                .begin(.partition(.both), server: 0, client: 1),
                .write(client: 2, k, version: 2), .write(client: 0, k, version: 3),
                .flush(server: 1), .flush(server: 2),
                // Longer than a look takes, so that the writes were made before it.
                .pause(milliseconds: 2000),
            ] + returned + back)
    }()
}
