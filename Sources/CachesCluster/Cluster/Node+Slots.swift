package import CachesTransport

extension Node {
    /// Whether one command, or one transaction, may be on both of two keys that the node owns: in a cluster they have to
    /// be in one slot, which a hash tag sees to.
    package func takesTogether(_ key: KeyBytes, _ other: KeyBytes) -> Bool {
        !isOfCluster || HashSlot.slot(of: key) == HashSlot.slot(of: other)
    }
}
