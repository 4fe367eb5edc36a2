/// When so many nodes look dead that it is more likely this process that is cut off.
///
/// More than half of a pool's servers seldom die at the same time; a network cable, a firewall's rule or a process
/// that gets no CPU takes them all from one client. To move all keys to the few nodes that are left would overload
/// these and empty the cache. So under panic a node that is out counts as in for placement, and ordinary calls try
/// it: they use its connection where there is one, or one that is being opened, and otherwise fail at once with
/// the reason. Connections are opened no more often than the back-off says, panic or not.
///
/// One or two nodes are no sample, and there are no others to overload: the rule begins at three.
enum PanicRule {
    /// Whether it holds, with so many of all nodes out.
    static func holds(out: Int, of all: Int) -> Bool { all >= 3 && 2 * out > all }
}
