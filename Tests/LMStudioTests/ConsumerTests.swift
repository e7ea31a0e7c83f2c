import LMStudioTesting
import Testing

/// A program of somebody else, which takes only the client.
@Suite struct ConsumerTests {
    private static let manifest = """
        // swift-tools-version: 6.0
        import PackageDescription

        let package = Package(
            name: "consumer",
            platforms: [.macOS(.v15)],
            dependencies: [.package(name: "lmstudio-swift", path: "\(Repository.path)")],
            targets: [
                .executableTarget(
                    name: "consumer",
                    dependencies: [.product(name: "LMStudio", package: "lmstudio-swift")]
                )
            ]
        )
        """

    private static let program = """
        import LMStudio

        let address = try HostAddress("wss://[::1]:8080/lms/")
        print(address)
        """

    @Test func clientIsBuiltWithoutLlamaCpp() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(Self.manifest.utf8), to: "Package.swift")
        try directory.write(Array(Self.program.utf8), to: "Sources/consumer/main.swift")
        let run = try await Subprocess.run(
            // What it builds of this package and its dependencies is kept for the next time.
            [
                "swift", "run", "--quiet", "--scratch-path", "\(Repository.path)/.build/consumer",
                "consumer",
            ],
            environment: ["PKG_CONFIG_PATH": "/nonexistent", "LLAMA": nil],
            in: directory.path
        )
        #expect(run.status == 0, "\(run.errors)\(run.output)")
        #expect(run.output == "wss://[::1]:8080/lms\n")
    }
}
