// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func nio(_ product: String) -> Target.Dependency {
    .product(name: product, package: "swift-nio")
}

let package = Package(
    name: "lmstudio-swift",
    platforms: [.macOS(.v15)],
    products: [
        // The client: handles over any host. Needs no llama.cpp.
        .library(name: "LMStudio", targets: ["LMStudio"]),
        // The engine in this process, on top of the client.
        .library(name: "LMStudioLlama", targets: ["LMStudioLlama"]),
        // liblmstudio, the C library.
        .library(name: "lmstudio", type: .dynamic, targets: ["LMStudioC"]),
        // LM Studio's protocol in front of any host.
        .library(name: "LMStudioServer", targets: ["LMStudioServer"]),
        // The command line.
        .executable(name: "lms", targets: ["lms"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
    ],
    targets: [
        .target(name: "LMStudioCore", swiftSettings: swiftSettings),
        .target(name: "LMStudioWire", dependencies: ["LMStudioCore"], swiftSettings: swiftSettings),
        .target(
            name: "LMStudio",
            dependencies: [
                "LMStudioCore", "LMStudioWire", nio("NIOCore"), nio("NIOPosix"),
                nio("NIOHTTP1"), nio("NIOWebSocket"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LMStudioServer",
            dependencies: [
                "LMStudioCore", "LMStudioWire", nio("NIOCore"), nio("NIOPosix"),
                nio("NIOHTTP1"), nio("NIOWebSocket"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "lms",
            dependencies: [
                "CLMStudio", "LMStudio", "LMStudioCore", "LMStudioLlama", "LMStudioServer",
                "LMStudioWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        // llama.cpp as Sources/CLlama/build-llama.sh builds it; PKG_CONFIG_PATH leads to it.
        .systemLibrary(name: "llama", path: "Sources/llama", pkgConfig: "lmstudio-llama"),
        .target(
            name: "CLlama",
            dependencies: ["llama"],
            exclude: ["build-llama.cmake", "build-llama.sh", "fetch.py"]
        ),
        .target(
            name: "LMStudioLlama",
            dependencies: [
                "CLMStudio", "LMStudioCore", "LMStudioWire", "CLlama",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["fetch-models.py"],
            swiftSettings: swiftSettings
        ),
        .systemLibrary(name: "CLMStudio", path: "include"),
        .target(
            name: "LMStudioC",
            dependencies: [
                "CLMStudio", "LMStudio", "LMStudioCore", "LMStudioLlama", "LMStudioWire",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        // Tests
        .target(
            name: "LMStudioTesting",
            dependencies: [
                "LMStudioCore", "LMStudioServer",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/LMStudioTesting",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LMStudioCoreTests",
            dependencies: ["LMStudioCore", "LMStudioTesting"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LMStudioWireTests",
            dependencies: ["LMStudioCore", "LMStudioWire", "LMStudioTesting"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LMStudioTests",
            dependencies: [
                "LMStudio", "LMStudioCore", "LMStudioServer", "LMStudioTesting", "LMStudioWire",
                nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOWebSocket"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LMStudioServerTests",
            dependencies: [
                "LMStudio", "LMStudioCore", "LMStudioServer", "LMStudioTesting", "LMStudioWire",
                nio("NIOCore"), nio("NIOPosix"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "LlamaHarness", dependencies: ["llama"], path: "Tests/LlamaHarness"),
        .testTarget(
            name: "LMStudioLlamaTests",
            dependencies: [
                "LMStudio", "LMStudioLlama", "LMStudioServer", "LMStudioTesting", "LMStudioWire",
                "LlamaHarness",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "lmsTests",
            dependencies: ["lms", "LMStudioCore", "LMStudioServer", "LMStudioTesting"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CABIHarness",
            dependencies: ["CLMStudio"],
            path: "Tests/CABIHarness",
            exclude: ["examples"],
            cSettings: [.headerSearchPath("../../include")],
            cxxSettings: [.headerSearchPath("../../include")]
        ),
        .testTarget(
            name: "LMStudioCTests",
            dependencies: [
                "CABIHarness", "CLMStudio", "LMStudio", "LMStudioC", "LMStudioCore",
                "LMStudioLlama", "LMStudioServer", "LMStudioTesting",
            ],
            swiftSettings: swiftSettings
        ),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

// Built by `make bench` only.
if Context.environment["LMSTUDIO_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "stream-swift",
            dependencies: ["LMStudio", "LMStudioLlama"],
            path: "Tests/Benchmarks/Swift",
            swiftSettings: swiftSettings
        )
    )
}
