// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

// For every target: Swift 6, all warnings are errors, and a nonisolated async function stays on its caller's
// executor (a cache call must not cost a hop).
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// For targets that use C: each unsafe expression has to be marked, and imports are internal unless an
// interface needs the module.
let strictAndMemorySafe =
    strict + [.strictMemorySafety(), .enableUpcomingFeature("InternalImportsByDefault")]

// On Linux hiredis' headers are in the compiler's default path, and its pkg-config file has a flag that the
// package manager warns of in every user's build.
#if os(macOS)
    let hiredisPkgConfig: String? = "hiredis"
#else
    let hiredisPkgConfig: String? = nil
#endif

let package = Package(
    name: "caches",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Caches", targets: ["Caches"]),
        .library(name: "CachesCluster", targets: ["CachesCluster"]),
        .library(name: "CachesTransport", targets: ["CachesTransport"]),
        .library(name: "CachesMacros", targets: ["CachesMacros"]),
        .library(name: "CachesTesting", targets: ["CachesTesting"]),
        .library(name: "CachesTestingTraits", targets: ["CachesTestingTraits"]),
        .executable(name: "cachesctl", targets: ["cachesctl"]),
        // For Benchmarks/, a separate package. It may change at any time.
        .library(name: "_CachesTerminal", targets: ["CachesTerminal"]),
    ],
    traits: [
        .trait(
            name: "Benchmarks",
            description: "Compiles the cases that Benchmarks/ measures inside CachesTransport.")
    ],
    dependencies: [
        // Logging that every Swift server already configures.
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        // A ring buffer for the requests that wait for a reply, and a heap for timers.
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        // The tool's options and help. Only executables and tests use it.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // The tool's latency percentiles, in bounded memory.
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        // The syntax trees of macros. Only users of CachesMacros build it, with one version for all macros.
        .package(url: "https://github.com/swiftlang/swift-syntax", "602.0.0"..<"604.0.0"),
    ],
    targets: [
        // C libraries: hiredis reads RESP, OpenSSL does TLS.
        .systemLibrary(
            name: "CHiredis", pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        // System calls that Swift's own modules of Linux leave out, and functions of Swift's runtime about
        // tasks.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSwiftTask"),

        // The C library, which is called Glibc, Musl or Darwin, with CLinux: one import rather than a choice
        // in every file.
        .target(name: "CachesPlatform", dependencies: ["CLinux"], swiftSettings: strict),

        // The floors, the lowest first: each uses only those before it. dev/floors checks it.
        .target(
            name: "CachesTransport",
            dependencies: [
                "CHiredis", "COpenSSL", "CSwiftTask", "CachesPlatform",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strictAndMemorySafe),
        .target(
            name: "CachesCluster",
            dependencies: [
                "CachesPlatform", "CachesTransport", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strictAndMemorySafe),
        .target(
            name: "Caches",
            dependencies: ["CachesCluster", "CachesTransport"],
            swiftSettings: strict),
        .macro(
            name: "CachesMacrosPlugin",
            dependencies: [
                .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
                .product(name: "SwiftDiagnostics", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftSyntaxBuilder", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
            ],
            swiftSettings: strict),
        .target(
            name: "CachesMacros",
            dependencies: ["Caches", "CachesMacrosPlugin"],
            swiftSettings: strict),
        .target(
            name: "CachesTesting",
            dependencies: ["CHiredis", "CachesPlatform"],
            swiftSettings: strictAndMemorySafe),
        // Separate from CachesTesting, which is also for programs that are not tests and have no Swift
        // Testing.
        .target(name: "CachesTestingTraits", dependencies: ["CachesTesting"], swiftSettings: strict),
        // Output of programs: tables, bars, figures, JSON, charts. The tool and Benchmarks/ use it.
        .target(
            name: "CachesTerminal",
            dependencies: [
                "CachesPlatform", "CachesTransport",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "cachesctl",
            dependencies: [
                "CachesPlatform", "Caches", "CachesCluster", "CachesTransport", "CachesTesting",
                "CachesTerminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // The program of ./dev/chaos. Not a product: it is for developers of the library.
        .executableTarget(
            name: "caches-chaos",
            dependencies: [
                "Caches", "CachesCluster", "CachesTransport", "CachesTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        // The program of ./dev/fuzz. It also tests the tool. Not a product either.
        .executableTarget(
            name: "caches-fuzz",
            dependencies: [
                "Caches", "CachesCluster", "CachesTransport", "CachesTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // Helpers for tests of several targets: waiting, patient pools, running a program.
        .target(
            name: "TestSupport",
            dependencies: ["CachesTransport", "CachesCluster", "CachesTesting", "CachesTerminal"],
            path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "CachesTransportTests", dependencies: ["CachesTransport", "CachesTesting", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CachesClusterTests",
            dependencies: [
                "CachesCluster", "CachesPlatform", "CachesTesting", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["vectors.py"],
            swiftSettings: strict),
        .testTarget(
            name: "CachesTests",
            dependencies: [
                "Caches", "CachesCluster", "CachesTransport", "CachesTesting", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Python/peer.py"],
            swiftSettings: strict),
        .testTarget(
            name: "CachesMacrosTests",
            dependencies: ["CachesMacros", "CachesTesting", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CachesTestingTests",
            dependencies: ["CachesTesting", "CachesTestingTraits", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CachesTerminalTests", dependencies: ["CachesTerminal", "CachesTransport", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "cachesctlTests",
            dependencies: [
                "CachesPlatform", "cachesctl", "CachesCluster", "CachesTesting", "CachesTerminal",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CachesChaosTests",
            dependencies: [
                "caches-chaos", "CachesCluster",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            // The reports of half an hour of chaos.
            exclude: ["Reports"],
            swiftSettings: strict),
        .testTarget(
            name: "CachesFuzzTests",
            dependencies: ["caches-fuzz", "cachesctl", "Caches", "CachesTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "Caches", "CachesCluster", "CachesMacros", "CachesTesting", "CachesTestingTraits",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
