/// Looks for violations in the histories of a run's clients, and in the bystanders' keys.
///
/// It is a plain value: histories go in, violations come out. Tests give it made-up histories, with and
/// without each violation.
struct Checker {
    /// The longest time that a call may take, in microseconds.
    var deadline: Int64

    var rule: ConsistencyRule

    /// The faults, in times of the machine's clock.
    var faults: [Fault]

    /// When the run began, and when its last fault had ended.
    var begin: Int64
    var quiet: Int64

    /// How much later than its deadline a call may end, not counting the time in which its process did not
    /// get to run.
    static let patience: Int64 = 50_000

    /// How many deadlines a call for many keys may take: the keys that a node could not serve are then done
    /// one by one.
    static let bulkDeadlines: Int64 = 3

    /// How long after a fault its errors may still come: the back-off's cap, the last connection's time to
    /// open, and the signs of life that bring a node back.
    static let aftermath: Int64 = 9_000_000

    /// The back-off's cap: the longest time until a node that is out is asked again.
    static let retryCap: Int64 = 5_000_000

    /// How long a node may be out after the last fault on the way to it: the back-off's cap, three signs of
    /// life with the pauses between them, and two seconds for the work before the node is used.
    static let longestReturn = retryCap + 3 * 300_000 + 200_000 + 2_000_000

    /// How long the look at the notes of other nodes takes at most: the time of a sign of life, and three
    /// answers of the node.
    static let look: Int64 = 1_000_000

    /// How long a stand-in keeps a value at most.
    static let standInTTL: Int64 = 10_000_000

    /// How much more a process may hold at its end than after its first seconds. Bulk calls of 5 MB, several
    /// at a time, set the allocator's high-water mark in the minutes after that; it then stays there (some 60
    /// MiB above). Some of five servers may have been out in the first seconds, and have a connection each at
    /// the end.
    static let spareDescriptors = 5
    static let spareKibibytes = 72 << 10

    /// All violations of the run.
    func violations(in histories: [History], bystanders: Bystanders = Bystanders()) -> [Violation] {
        let views = histories.enumerated().map { ClientView($1, position: $0, faults: faults) }
        let starvation = Starvation(of: views, bystanders, faults: faults)
        return staleReads(views) + views.flatMap { wrongEnds($0, starvation) + progress($0, starvation) }
            + losses(of: bystanders) + losses(views, bystanders)
    }
}
