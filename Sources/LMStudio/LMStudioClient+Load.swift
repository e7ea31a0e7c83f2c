package import LMStudioCore
import LMStudioWire
import Synchronization

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
            let info = try await host.load(request) { event in
                if steps.isNew(event) { report(event) }
            }
            if request.verifiesConfig { try await Self.verify(info, request, host) }
            return info
        }
    }

    /// Refuses an instance that is loaded otherwise than was asked for; one of its own goes again.
    private static func verify(
        _ info: ModelInstanceInfo,
        _ request: LoadRequest,
        _ host: any ModelHost
    ) async throws(LMStudioError) {
        let model = ModelSpecifier.identifier(info.identifier, info.model.domain)
        let differences = request.config.differences(from: try await host.loadConfig(model))
        guard !differences.isEmpty else { return }
        if !request.reusesLoaded { try? await host.unload(model) }
        throw LMStudioError(
            .invalidState,
            "\"\(info.identifier)\" is not loaded as was asked for: "
                + "\(differences.joined(separator: "; ")); "
                + (request.reusesLoaded
                    ? "unload it first or load another instance, or leave verify out"
                    : "it was unloaded again; ask for what the server can do, or leave verify out")
        )
    }

    /// What was told of a load.
    private final class Steps: Sendable {
        /// Signs of life.
        let count = Atomic<Int>(0)
        private let latest = Mutex(-1.0)

        /// Whether a step is more than a sign of life: servers tell the same progress again.
        func isNew(_ event: LoadEvent) -> Bool {
            count.add(1, ordering: .relaxed)
            guard case .progress(let share) = event else { return true }
            return latest.withLock { latest in
                defer { latest = share }
                return share != latest
            }
        }
    }
}
