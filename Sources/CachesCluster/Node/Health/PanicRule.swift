/// When so many nodes look dead that it is more likely this process that is cut off.
///
/// More than half of a pool's servers seldom die at the same time; a network cable, a firewall's rule or a process
/// that gets no CPU takes them all from one client. To move all keys to the few nodes that are left would overload
/// these and empty the cache; and what one process alone writes there, the others don't know of. So under panic no
/// node stands in for another: keys of nodes that are out fail at once, or miss where they are to miss. The nodes
/// are asked again as the back-off says, panic or not, and are not used before what has to be put right first is:
/// a node that was out may have what is old, whoever was cut off.
///
/// One or two nodes are no sample, and there are no others to overload: the rule begins at three.
enum PanicRule {
    /// Whether it holds, with so many of all nodes out.
    static func holds(out: Int, of all: Int) -> Bool { all >= 3 && 2 * out > all }
}
