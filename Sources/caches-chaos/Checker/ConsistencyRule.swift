/// The rule that tells which values are too old to be read.
enum ConsistencyRule: String, Hashable, Sendable, CaseIterable {
    /// Any value that is older than a write that was acknowledged before the read began, whoever wrote it. It
    /// holds as long as a key has one place: with calls that fail while their node is out.
    case acknowledged
    /// A value that is older than a write made during an outage, by a client that saw the outage, if the
    /// reader also saw that outage and the node is back for the reader. While the node is out for the reader:
    /// a value that was overwritten longer ago than a stand-in keeps values (``Checker/standInTTL``).
    /// Stand-ins for nodes that are out have to keep this rule.
    case sawOutage
    /// No value: writes may be dropped silently.
    case none
}
