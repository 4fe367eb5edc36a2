package import CachesTransport

extension Node {
    /// That the node was configured as one of a cluster, and is none; nil where that is not so, or not known yet.
    package var clusterFault: CachesError? { cluster?.configurationFault }

    /// Whether one command, or one transaction, may be on both of two keys that the node owns: in a cluster they have to
    /// be in one slot, which a hash tag sees to.
    package func takesTogether(_ key: KeyBytes, _ other: KeyBytes) -> Bool {
        !isOfCluster || HashSlot.slot(of: key) == HashSlot.slot(of: other)
    }
}
