extension Duration {
    /// Whole milliseconds, rounded towards zero. A duration of more than an `Int64` holds has as many as that
    /// holds.
    ///
    /// A quotient of durations is a `Double`: to make an integer of one ends the process if a server has
    /// named a time that is long enough.
    package var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, isTooLongInAll) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return isTooLong || isTooLongInAll ? (seconds < 0 ? .min : .max) : sum
    }
}
