package import LMStudioCore
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
            try await host.load(request) { event in
                steps.count.add(1, ordering: .relaxed)
                report(event)
            }
        }
    }

    private final class Steps: Sendable {
        let count = Atomic<Int>(0)
    }
}
