// What the system offers to C, in one module: its C library has a name of its own on each system, and Swift's modules
// leave out some calls of Linux. Declarations are found as before. Where one of a type's own hides them,
// `CachesPlatform.listen` is the library's.
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
