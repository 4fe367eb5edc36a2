/// Keys that have nothing to do with the clients' work: those that were planted on the servers, and the
/// values found there later. Times are microseconds on the machine's clock.
struct Bystanders: Sendable {
    /// A key that was put on a server, replacing any earlier value.
    struct Planting: Hashable, Sendable {
        var server: Int
        var key: String
        /// The value as the server dumps it.
        var value: [UInt8]
        var begin: Int64
        var end: Int64
    }

    /// The value that a server had at a key; nil if there was no value.
    struct Sighting: Hashable, Sendable {
        var server: Int
        var key: String
        var value: [UInt8]?
        var begin: Int64
        var end: Int64
    }

    /// The value of a counter on a server after it was raised.
    struct Count: Hashable, Sendable {
        var server: Int
        var value: Int
        var begin: Int64
        var end: Int64
    }

    /// A time in which a server did not answer. It was asked at the beginning.
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
