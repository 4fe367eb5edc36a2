private import CachesPlatform

extension Socket {
    /// How many bytes were sent that the peer's system has not acknowledged; nil if the system does not say.
    var unsentBytes: Int? {
        #if os(Linux)
            let count = caches_unsent_bytes(descriptor)
            return count < 0 ? nil : Int(count)
        #else
            var count: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &count, &size) == 0 else { return nil }
            return Int(count)
        #endif
    }
}
