import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// A store of tiny models, and hosts of it whose time and memory a test decides.
struct TinyStore {
    private let directory: TemporaryDirectory
    let clock = ManualClock()
    var path: String { directory.path }

    /// Makes a store of models with these keys.
    init(_ keys: String...) throws {
        directory = try TemporaryDirectory()
        for (index, key) in keys.enumerated() {
            var model = TinyModel()
            model.seed = UInt64(index + 1)
            model.contextLength = 4096
            try add(key, model)
        }
    }

    /// Adds a model.
    func add(_ key: String, _ model: TinyModel) throws {
        try directory.write(model.bytes(), to: "test/\(key)/\(key).gguf")
    }

    /// Adds an embedding model.
    func addEmbeddingModel(_ key: String) throws {
        var writer = TinyModel().writer()
        writer.set("llama.pooling_type", .uint32(1))
        try directory.write(writer.bytes(), to: "test/\(key)/\(key).gguf")
    }

    /// Adds a file that lets a model see images.
    func addProjector(_ projector: [UInt8], to key: String) throws {
        try directory.write(projector, to: "test/\(key)/mmproj-\(key).gguf")
    }

    /// Adds an encoder.
    func addEncoder(_ key: String, _ model: TinyEncoder = TinyEncoder()) throws {
        try directory.write(model.bytes(), to: "test/\(key)/\(key).gguf")
    }

    /// A host that has memory for so many models.
    func host(modelCount: Double? = nil) throws -> LocalHost {
        let need = try modelCount.map { count in
            let model = try #require(try ModelStore(directory: directory.path).scan().first)
            return Int64(count * Double(try model.measure(LoadConfig()).totalBytes))
        }
        return host(memory: need.map { .fixed($0) } ?? .system)
    }

    /// A host that asks a budget, on the loader's thread, before it loads.
    func host(memory: MemoryBudget) -> LocalHost {
        let (directory, clock) = (directory, clock)
        return LocalHost(
            models: directory.path,
            clock: HostClock(
                // The files stay as long as the host.
                now: { withExtendedLifetime(directory) { clock.now } },
                milliseconds: { Int64(clock.now / .milliseconds(1)) },
                schedule: { clock.schedule($0, $1) }
            ),
            memory: memory
        )
    }
}

extension LocalHost {
    /// Loads what a request says, and records the steps.
    @discardableResult
    func load(
        _ model: String,
        timeToLive: Duration? = nil,
        steps: Recorder<LoadEvent>? = nil
    ) async throws -> ModelInstanceInfo {
        try await load(LoadRequest(model: model, timeToLive: timeToLive)) { steps?.record($0) }
    }

    /// Completes a prompt.
    func complete(
        _ prompt: String,
        with model: String,
        maxTokens: Int? = 4
    ) -> PredictionStream {
        let channel = PredictionChannel()
        predict(
            PredictionRequest(
                model: .identifier(model),
                input: .text(prompt),
                config: .greedy(maxTokens)
            ),
            into: channel
        )
        return PredictionStream(channel)
    }

    /// The identifiers of the loaded instances.
    var loadedIdentifiers: [String] {
        get async throws { try await listLoaded().map(\.identifier) }
    }
}
