/// Looks for what must not be in the histories of a run's clients, nor in what became of the bystanders'
/// keys.
///
/// A value and no more: histories go in, violations come out. It is tried on histories that are made up, with
/// and without each violation.
struct Checker {
    /// What no call may take longer than.
    var deadline: Int64

    var rule: ConsistencyRule

    /// What was done, in times of the machine's clock.
    var faults: [Fault]

    /// When the run began, and when its last fault had ended.
    var begin: Int64
    var quiet: Int64

    /// How much later than its deadline a call may end, beside the time in which its process did not get to
    /// run.
    static let patience: Int64 = 50_000

    /// So many deadlines a call for many keys may take: what a node could not do is done key by key after that.
    static let bulkDeadlines: Int64 = 3

    /// How long after a fault its errors may still come: the back-off's cap, the last connection's time to
    /// open, and the signs of life that bring a node back.
    static let aftermath: Int64 = 9_000_000

    /// The back-off's cap: a node that is out is asked again at least so often.
    static let retryCap: Int64 = 5_000_000

    /// How long after the last fault on its way a node may be out: the back-off's cap, three signs of life
    /// with what is between them, and two seconds for what has to be seen to before the node is used.
    static let longestReturn = retryCap + 3 * 300_000 + 200_000 + 2_000_000

    /// How long the look at what others have noted takes at most: a sign of life's time, and three answers of
    /// the node.
    static let look: Int64 = 1_000_000

    /// How long a stand-in keeps a value at most.
    static let standInTTL: Int64 = 10_000_000

    /// What a process may hold more at its end than after its first seconds. Bulk calls of 5 MB, several at a time, set the
    /// allocator's high-water mark in the minutes after those; it then stays where it is (some 60 MiB above). Of five servers
    /// some may have been out in the first seconds, and have a connection each at the end.
    static let spareDescriptors = 5
    static let spareKibibytes = 72 << 10

    /// Everything that is wrong.
    func violations(in histories: [History], bystanders: Bystanders = Bystanders()) -> [Violation] {
        let views = histories.enumerated().map { ClientView($1, position: $0, faults: faults) }
        let starvation = Starvation(of: views, bystanders, faults: faults)
        return staleReads(views) + views.flatMap { wrongEnds($0, starvation) + progress($0, starvation) }
            + losses(of: bystanders) + losses(views, bystanders)
    }
}
