// The C library, whose module has another name on each system, and the calls of Linux that Swift's modules
// leave out. Where a type has a function of the same name, `CachesPlatform.listen` is the library's.
#if canImport(Glibc)
    @_exported public import Glibc
#elseif canImport(Musl)
    @_exported public import Musl
#elseif canImport(Darwin)
    @_exported public import Darwin
#endif

#if os(Linux)
    @_exported public import CLinux
#endif
