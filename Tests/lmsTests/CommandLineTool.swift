import Foundation
import LMStudioTesting

/// The built `lms`, with a store of tiny models and a cache directory of its own.
struct CommandLineTool {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for (seed, key) in [(1, "tiny-one"), (2, "tiny-two")] {
            var model = TinyModel()
            model.seed = UInt64(seed)
            try directory.write(model.bytes(), to: "models/test/\(key)/\(key).gguf")
        }
    }

    /// Adds an embedding model to the store.
    func addEncoder() throws {
        try directory.write(TinyEncoder().bytes(), to: "models/test/encoder/encoder.gguf")
    }

    /// Where the models lie.
    var models: String { directory.path + "/models" }

    /// The address of these models in the program's own process.
    var local: String { "local:\(models)" }

    /// Writes a file beside them.
    func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a file beside them.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try directory.write(bytes, to: name)
    }

    /// Runs it to its end.
    func run(_ arguments: String..., input: String = "") async throws -> Subprocess {
        try await run(arguments, input: input)
    }

    /// Runs it to its end; `started` is called with its process once it runs.
    func run(
        _ arguments: [String],
        input: String = "",
        started: @escaping @Sendable (Int32) async -> Void = { _ in }
    ) async throws -> Subprocess {
        try await Subprocess.run(
            [Self.path] + arguments,
            environment: environment,
            input: input,
            started: started
        )
    }

    /// Runs a line of a shell, to which it is `"$0"`.
    func run(shell: String) async throws -> Subprocess {
        try await Subprocess.run(
            ["sh", "-c", shell, Self.path],
            environment: environment,
            in: directory.path
        )
    }

    /// Runs it at a terminal, and gives what that shows.
    func runAtTerminal(_ arguments: String...) async throws -> String {
        var all = ProcessInfo.processInfo.environment
        for (name, value) in environment { all[name] = value }
        return try await Terminal().run(Self.path, arguments, environment: all)
    }

    /// What the last server wrote to standard error.
    var log: String {
        get throws { try String(contentsOfFile: directory.path + "/log", encoding: .utf8) }
    }

    /// Starts a server of the models.
    func startServer(_ arguments: String...) async throws -> RunningServer {
        try await RunningServer(
            Self.path,
            [
                "server", "start", "--port", "0", "--no-sdk-port", "--json", "--models-dir", models,
            ] + arguments,
            environment: environment.compactMapValues { $0 },
            log: directory.path + "/log"
        )
    }

    private var environment: [String: String?] {
        ["LMSTUDIO_CACHE_DIR": directory.path + "/cache", "LMSTUDIO_HOST": nil]
    }

    /// Beside the tests.
    private static var path: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("lms").path
    }
}
