private import CachesPlatform

/// A number for the calling thread, which no other has as long as it lives.
@usableFromInline func currentThread() -> UInt {
    #if canImport(Darwin)
        UInt(bitPattern: unsafe pthread_self())
    #else
        UInt(pthread_self())
    #endif
}
