// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

// Every target: Swift 6, no warning survives, and a nonisolated async function stays on its caller's
// executor (a cache call must not cost a hop).
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Targets that touch C, where each unsafe expression has to be marked as one. What their interfaces need of an
// imported module, they say.
let strictAndMemorySafe =
    strict + [.strictMemorySafety(), .enableUpcomingFeature("InternalImportsByDefault")]

// On Linux hiredis' headers are where every compiler looks, and its pkg-config file holds a flag that the
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
        // For Benchmarks/, a package of its own. It may change at any time.
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
        // The tool's options and help. Nothing below cachesctl sees it.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // The tool's latency percentiles, in bounded memory.
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        // What macros are written with: only who uses CachesMacros builds it, with one version for all macros.
        .package(url: "https://github.com/swiftlang/swift-syntax", "602.0.0"..<"604.0.0"),
    ],
    targets: [
        // C libraries: RESP is read by hiredis, TLS is done by OpenSSL.
        .systemLibrary(
            name: "CHiredis", pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        // System calls that Swift's own modules of Linux leave out, and what Swift's runtime knows of a task.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSwiftTask"),

        // The C library, which is called Glibc, Musl or Darwin, with CLinux: one import in place of a choice in
        // every file.
        .target(name: "CachesPlatform", dependencies: ["CLinux"], swiftSettings: strict),

        // The floors, the lowest first: each uses only those that stand before it. dev/floors checks it.
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
        // Apart from CachesTesting, which programs use that are no tests and have no Swift Testing.
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

        // What ./dev/chaos runs. No product: it is for those who work on the library.
        .executableTarget(
            name: "caches-chaos",
            dependencies: [
                "Caches", "CachesCluster", "CachesTransport", "CachesTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        // What ./dev/fuzz runs, on the tool as well. No product either.
        .executableTarget(
            name: "caches-fuzz",
            dependencies: [
                "Caches", "CachesCluster", "CachesTransport", "CachesTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // Tests of several targets use it: waiting, patient pools, running a program.
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
            // What half an hour of it said.
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
