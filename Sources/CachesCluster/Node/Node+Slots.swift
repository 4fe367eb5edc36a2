package import CachesTransport

extension Node {
    /// Whether one command, or one transaction, may use both of two keys that the node owns: if the server
    /// has slots, the keys must share one, which a hash tag ensures.
    package func takesTogether(_ key: KeyBytes, _ other: KeyBytes) -> Bool {
        !hasSlots || HashSlot.slot(of: key) == HashSlot.slot(of: other)
    }
}
