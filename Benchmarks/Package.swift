// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "caches-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "caches", path: "..", traits: ["Benchmarks"]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        // What is measured against, in C; and a malloc that counts.
        .target(
            name: "CYardsticks", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Werror"])],
            linkerSettings: [.linkedLibrary("hiredis")]),
        // What ./dev/bench --check runs, under valgrind.
        .executableTarget(
            name: "micro",
            dependencies: [
                "CYardsticks",
                .product(name: "Caches", package: "caches"),
                .product(name: "CachesCluster", package: "caches"),
                .product(name: "CachesTransport", package: "caches"),
                .product(name: "CachesTesting", package: "caches"),
            ], swiftSettings: strict),
        // What ./dev/bench runs, beside other clients. Its tables, figures and charts are the tool's.
        .executableTarget(
            name: "bench",
            dependencies: [
                "CYardsticks",
                .product(name: "Caches", package: "caches"),
                .product(name: "CachesCluster", package: "caches"),
                .product(name: "CachesTransport", package: "caches"),
                .product(name: "CachesTesting", package: "caches"),
                .product(name: "_CachesTerminal", package: "caches"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
