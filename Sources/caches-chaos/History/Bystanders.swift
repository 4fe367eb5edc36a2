/// The keys of those who have nothing to do with the clients: what was planted on the servers, and what was
/// found there later. Times are microseconds on the machine's clock.
struct Bystanders: Sendable {
    /// A key that was put on a server, in place of what may have been there.
    struct Planting: Hashable, Sendable {
        var server: Int
        var key: String
        /// The value as the server dumps it.
        var value: [UInt8]
        var begin: Int64
        var end: Int64
    }

    /// What a server had at a key; nil: nothing.
    struct Sighting: Hashable, Sendable {
        var server: Int
        var key: String
        var value: [UInt8]?
        var begin: Int64
        var end: Int64
    }

    /// A counter on a server was raised, and had this value then.
    struct Count: Hashable, Sendable {
        var server: Int
        var value: Int
        var begin: Int64
        var end: Int64
    }

    /// A server did not answer for so long, asked at the beginning.
    struct Silence: Hashable, Sendable {
        var server: Int
        var begin: Int64
        var end: Int64
    }

    var plantings: [Planting] = []
    var sightings: [Sighting] = []
    var counts: [Count] = []
    var silences: [Silence] = []

    /// The gates that the clients try to claim, each with its server's position. They are planted claimed.
    var claims: [(key: String, server: Int)] = []
}
