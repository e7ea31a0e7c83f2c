package import LMStudioCore
import Synchronization

/// What the namespaces of language and embedding models share.
extension LMStudioClient {
    /// Loads what a request says, telling every step; the steps are signs of life.
    package func load(
        _ request: LoadRequest,
        timeouts: Timeouts?,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        let steps = Steps()
        return try await limited(
            by: timeouts,
            doing: "loading the model",
            signs: { steps.count.load(ordering: .relaxed) }
        ) { host throws(LMStudioError) in
            try await host.load(request) { event in
                steps.count.add(1, ordering: .relaxed)
                report(event)
            }
        }
    }

    private final class Steps: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Takes an instance out of memory.
    func unload(_ model: ModelSpecifier, _ timeouts: Timeouts?) async throws(LMStudioError) {
        try await limited(by: timeouts, doing: "unloading the model") {
            host throws(LMStudioError) in
            try await host.unload(model)
        }
    }

    /// The identifiers of the loaded instances for one purpose, in the order they were loaded.
    func listLoaded(
        _ domain: ModelDomain,
        _ timeouts: Timeouts?
    ) async throws(LMStudioError) -> [String] {
        let instances = try await limited(by: timeouts, doing: "listing the loaded models") {
            host throws(LMStudioError) in
            try await host.listLoaded(domain)
        }
        return instances.map(\.identifier)
    }

    /// The models on disk for one purpose, sorted by key.
    func listDownloaded(
        _ domain: ModelDomain,
        _ timeouts: Timeouts?
    ) async throws(LMStudioError) -> [ModelInfo] {
        let models = try await limited(by: timeouts, doing: "listing the models on disk") {
            host throws(LMStudioError) in
            try await host.listDownloaded()
        }
        return models.filter { $0.domain == domain }
    }
}

extension LoadEvent {
    /// The share done, if the step says so.
    var progress: Double? {
        guard case .progress(let share) = self else { return nil }
        return share
    }
}
