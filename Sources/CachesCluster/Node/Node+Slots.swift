package import CachesTransport

extension Node {
    /// Whether one command, or one transaction, may be on both of two keys that the node owns: where there
    /// are slots they have to be in one, which a hash tag sees to.
    package func takesTogether(_ key: KeyBytes, _ other: KeyBytes) -> Bool {
        !hasSlots || HashSlot.slot(of: key) == HashSlot.slot(of: other)
    }
}
