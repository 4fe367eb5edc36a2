/// The rule for so many nodes out that this process is more likely cut off itself.
///
/// More than half of a pool's servers seldom die at the same time; a network cable, a firewall's rule or a
/// process that gets no CPU takes them all from one client. Moving all keys to the few remaining nodes would
/// overload these and empty the cache; and other processes don't know what one process alone writes there. So
/// under panic no node stands in for another: keys of nodes that are out fail at once, or miss if configured
/// so. The nodes are asked again according to the back-off, panic or not, and are not used before they have
/// been prepared: a node that was out may have old values, whichever side was cut off.
///
/// One or two nodes are too small a sample, and there are no others to overload: the rule begins at three.
enum PanicRule {
    /// Whether the rule holds if `out` of `all` nodes are out.
    static func holds(out: Int, of all: Int) -> Bool { all >= 3 && 2 * out > all }
}
