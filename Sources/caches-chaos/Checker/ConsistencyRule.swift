/// Which values are too old to be read.
enum ConsistencyRule: String, Hashable, Sendable, CaseIterable {
    /// Any that is older than a write which was acknowledged before the read began, whoever wrote it. It
    /// holds as long as a key has one place: with calls that fail while their node is out.
    case acknowledged
    /// One that is older than a write made during an outage, by who saw it, if the reader saw that outage too
    /// and the node is back for it; and, while it is out for the reader, one that was overwritten longer ago
    /// than a stand-in keeps values (``Checker/standInTTL``). It is what stand-ins for nodes that are out
    /// have to keep to.
    case sawOutage
    /// None: where writes may be dropped without a word.
    case none
}
