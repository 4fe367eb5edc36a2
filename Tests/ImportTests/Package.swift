// swift-tools-version: 6.2
import PackageDescription

// A program that imports this library beside the packages that servers are written with. If two of them share
// a name, it doesn't compile. ./dev/imports builds it.
let package = Package(
    name: "caches-imports",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "caches", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
    ],
    targets: [
        .executableTarget(
            name: "SideBySide",
            dependencies: [
                .product(name: "Caches", package: "caches"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility")])
    ],
    swiftLanguageModes: [.v6]
)
