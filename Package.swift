// swift-tools-version: 6.2
import PackageDescription

// The floors (CONTRIBUTING.md): a target may import what it lists here and nothing else; `scripts/check-layers`
// holds the sources to it, because SwiftPM itself lets an undeclared import through.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    // The codec's generics are called from every other module: without this they are not specialized there, and a
    // milestone costs twice as much. Flags of this kind keep a package from being a dependency, which this one is not.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target
{
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

// Swift's own libraries become part of a program: it runs where no Swift is installed, and calls them directly, which
// makes the simulator 6 % faster. Those that are named are what a static Foundation needs and does not name itself.
let standalone: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("CoreFoundation", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationICU", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCShims", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCollections", .when(platforms: [.linux], configuration: .release)),
]

func program(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        swiftSettings: settings,
        linkerSettings: standalone
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
    name: "jalon",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "jalon", targets: ["jalon"]),
        .executable(name: "jalon-sim", targets: ["jalon-sim"]),
        .executable(name: "jalon-bench", targets: ["jalon-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // Floor 0
        library("JalonCodec"),

        // Floor 1
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        library("JalonCrypto", ["JalonCodec", "COpenSSL", "CSodium"]),

        // Floor 2
        library("JalonModel", ["JalonCodec", "JalonCrypto"]),

        // Floor 3
        library("JalonConsensus", ["JalonCodec", "JalonCrypto", "JalonModel"]),
        library("JalonState", ["JalonCodec", "JalonCrypto", "JalonModel"]),
        library("JalonSchema"),

        // Floor 4
        library("JalonCore", ["JalonCodec", "JalonCrypto", "JalonModel", "JalonConsensus", "JalonState"]),
        library(
            "JalonNetwork",
            [
                "JalonCodec", "JalonCrypto", "JalonModel",
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ] + nio
        ),
        library(
            "JalonStorage",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        library(
            "JalonAPI",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonSchema",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + nio,
            // In the program itself: a node is one file, wherever it is copied.
            resources: [.embedInCode("Assets")]
        ),
        library(
            "JalonClient",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonSchema",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio
        ),

        // Floor 5
        library(
            "JalonNode",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonConsensus", "JalonSchema",
                "JalonCore", "JalonNetwork", "JalonStorage", "JalonAPI",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ] + nio
        ),
        .target(
            name: "JalonSimulator",
            dependencies: [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonConsensus", "JalonCore",
            ],
            // Its world is a class, and no release build of it needs the checks that every debug build makes.
            swiftSettings: settings + [
                .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
            ]
        ),

        // Floor 6
        program(
            "jalon",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonSchema", "JalonCore",
                "JalonStorage", "JalonClient", "JalonNode", "JalonSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        program(
            "jalon-sim",
            [
                "JalonConsensus", "JalonSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        program(
            "jalon-bench",
            [
                "JalonCrypto", "JalonModel", "JalonState", "JalonSchema", "JalonStorage", "JalonClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // Tests
        .target(
            name: "JalonTestKit",
            dependencies: ["JalonCodec", "JalonCrypto", "JalonModel"],
            path: "Tests/JalonTestKit",
            swiftSettings: settings
        ),
        tests("JalonCodecTests", ["JalonCodec", "JalonTestKit"]),
        tests("JalonCryptoTests", ["JalonCodec", "JalonCrypto", "JalonTestKit"]),
        tests("JalonModelTests", ["JalonCodec", "JalonCrypto", "JalonModel", "JalonTestKit"]),
        tests("JalonConsensusTests", ["JalonCodec", "JalonCrypto", "JalonModel", "JalonConsensus"]),
        tests(
            "JalonCoreTests",
            ["JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonConsensus", "JalonCore"]
        ),
        tests("JalonStateTests", ["JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonTestKit"]),
        tests(
            "JalonSimulatorTests",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonConsensus", "JalonCore",
                "JalonSimulator",
            ]
        ),
        .target(
            name: "JalonAPITestKit",
            dependencies: [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonSchema", "JalonAPI",
                .product(name: "Logging", package: "swift-log"),
            ] + nio,
            path: "Tests/JalonAPITestKit",
            swiftSettings: settings
        ),
        tests(
            "JalonAPITests",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonSchema", "JalonAPI", "JalonAPITestKit",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + nio
        ),
        tests(
            "JalonClientTests",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonSchema", "JalonAPI", "JalonClient",
                "JalonAPITestKit",
                .product(name: "Logging", package: "swift-log"),
            ] + nio
        ),
        tests(
            "JalonNetworkTests",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonNetwork",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio
        ),
        tests("JalonStorageTests", ["JalonCodec", "JalonCrypto", "JalonModel", "JalonStorage"]),
        tests(
            "JalonNodeTests",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonConsensus", "JalonSchema",
                "JalonCore",
                "JalonNetwork", "JalonStorage", "JalonAPI", "JalonNode",
                .product(name: "Logging", package: "swift-log"),
            ] + nio
        ),
        tests(
            "JalonCommandTests",
            [
                "JalonCodec", "JalonCrypto", "JalonModel", "JalonState", "JalonSchema", "JalonStorage",
                "JalonClient",
                "JalonNode", "JalonAPI", "JalonAPITestKit", "JalonTestKit", "jalon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
    ]
)
