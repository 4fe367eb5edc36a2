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
        .package(name: "caches", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // What is measured against, in C; and a malloc that counts.
        .target(
            name: "CYardsticks", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Werror"])],
            linkerSettings: [.linkedLibrary("hiredis")]),
        // The sources of CachesTransport's floors that read and write RESP, by symbolic link: what they don't
        // show to other modules is measured from within.
        .target(
            name: "Wire", dependencies: [.product(name: "CachesTransport", package: "caches")],
            swiftSettings: strict),
        .executableTarget(
            name: "micro",
            dependencies: [
                "CYardsticks", "Wire",
                .product(name: "Caches", package: "caches"),
                .product(name: "CachesCluster", package: "caches"),
                .product(name: "CachesTransport", package: "caches"),
                .product(name: "CachesTesting", package: "caches"),
            ], swiftSettings: strict),
        // Its tables, figures and charts are the tool's, by symbolic link.
        .executableTarget(
            name: "bench",
            dependencies: [
                "CYardsticks",
                .product(name: "Caches", package: "caches"),
                .product(name: "CachesCluster", package: "caches"),
                .product(name: "CachesTransport", package: "caches"),
                .product(name: "CachesTesting", package: "caches"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
