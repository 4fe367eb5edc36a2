/// Numbers in 64 bits, so that states are compared and kept cheaply.
struct ModelBits: Hashable {
    var bits: UInt64 = 0

    subscript(field: ModelField) -> Int {
        get { Int(truncatingIfNeeded: bits &>> field.shift & field.mask) }
        set {
            bits =
                bits & ~(field.mask &<< field.shift) | (UInt64(truncatingIfNeeded: newValue) &<< field.shift)
        }
    }
}

struct ModelField {
    let shift: UInt64
    let mask: UInt64

    init(_ shift: UInt64, _ width: UInt64) {
        self.shift = shift
        mask = 1 << width - 1
    }

    // The fields of the servers: the versions of k that were written, the faults that happened, the owner's
    // value of k (0: nothing), the value that it has received and not stored, the notes of k on the others,
    // and the others that have a mark.
    static let versions = ModelField(0, 3)
    static let faults = ModelField(3, 3)
    static let value = ModelField(6, 3)
    static let limbo = ModelField(9, 3)
    static let journals = [ModelField(12, 3), ModelField(15, 3)]
    static let marks = ModelField(18, 2)

    // The fields of a client.
    static let isAlive = ModelField(0, 1)
    /// Whether its way to the owner is open.
    static let reaches = ModelField(1, 1)
    static let phase = ModelField(2, 3)
    /// Its ways to the others: 0 closed, 1 in use, 2 open and still out.
    static let links = [ModelField(5, 2), ModelField(7, 2)]
    /// A write in place of the owner: its version (0: none), the servers that have not answered, and those to
    /// which it was sent with the present mark.
    static let write = ModelField(9, 3)
    static let writeLeft = ModelField(12, 2)
    static let writeMarks = ModelField(14, 2)
    /// How far it has dealt with notes: 0 not yet, 1 it has read one, 2 it has removed k.
    static let stages = [ModelField(16, 2), ModelField(18, 2)]
    static let tokens = [ModelField(20, 3), ModelField(23, 3)]
    /// The newest version that it must not read anything older than; the newest that was acknowledged while
    /// the owner is out for it; and that of these when its last look at each of the others began.
    static let floor = ModelField(26, 3)
    static let pending = ModelField(29, 3)
    static let looked = [ModelField(32, 3), ModelField(35, 3)]
    /// Whether the owner has said that k was written there since.
    static let isSure = ModelField(38, 1)
    /// The others whose memory has changed without the client knowing it.
    static let unheard = ModelField(39, 2)
    static let mind = ModelField(42, 22)
}

/// The phases of a client on its way to use the owner again.
enum ModelPhase {
    static let used = 0
    static let out = 1
    static let looking = 2
    /// Next it removes from the owner the keys that it has written elsewhere.
    static let forgetting = 3
    /// Next it asks for the owner's time.
    static let timing = 4
    /// Next it uses the owner.
    static let ready = 5
}

struct ModelState: Hashable {
    var servers = ModelBits()
    var first = ModelBits()
    var second = ModelBits()

    static let start: ModelState = {
        var state = ModelState()
        state.servers[.versions] = 1
        state.servers[.value] = 1
        for client in 0..<2 {
            state[client][.isAlive] = 1
            state[client][.reaches] = 1
            for link in ModelField.links { state[client][link] = 1 }
        }
        return state
    }()

    subscript(client: Int) -> ModelBits {
        get { client == 0 ? first : second }
        set { if client == 0 { first = newValue } else { second = newValue } }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(servers.bits)
        hasher.combine(first.bits)
        hasher.combine(second.bits)
    }
}

/// Mistakes that the code around the values may make. None of them is a parameter of the product.
struct ModelMistakes: OptionSet {
    let rawValue: Int
    /// The memory of an outage is dropped before the node is used again, which may still fail.
    static let endsOutageEarly = ModelMistakes(rawValue: 1)
    /// A client writes in place of a node while it looks at the others itself.
    static let writesWhileReturning = ModelMistakes(rawValue: 2)
}

/// The events that are tried, and their bounds.
struct ModelScope {
    /// The number of servers, the owner among them: 2 or 3.
    var servers = 3
    /// How often k is written.
    var writes = 2
    /// How many faults happen.
    var faults = 3

    struct Faults: OptionSet {
        let rawValue: Int
        /// A client's way to the owner is cut; its way to one of the others.
        static let ownerCut = Faults(rawValue: 1)
        static let otherCut = Faults(rawValue: 2)
        /// One of the others restarts with its data, or without.
        static let restart = Faults(rawValue: 4)
        static let loss = Faults(rawValue: 8)
        static let flush = Faults(rawValue: 16)
        /// A client ends.
        static let crash = Faults(rawValue: 32)
        /// The owner stops with an unfinished write.
        static let pause = Faults(rawValue: 64)
        /// No client can reach the owner; a client can reach no server.
        static let ownerOut = Faults(rawValue: 128)
        static let clientOut = Faults(rawValue: 256)
        /// The owner restarts with its data, or without.
        static let ownerRestart = Faults(rawValue: 512)
        /// The looks take too long.
        static let lateLooks = Faults(rawValue: 1024)
        static let all = Faults(rawValue: 2047)
    }

    var kinds: Faults = [.ownerCut, .otherCut, .loss]

    var mistakes: ModelMistakes = []

    /// The first events, each with its client: the search begins after them.
    var opening: [(event: ModelEvent, client: Int)] = []

    /// Whether the others are looked at in one order, rather than in every order.
    var isOrdered = false
    /// Whether one of the others is in use as soon as the way to it is open.
    var isUsedAtOnce = false
}
