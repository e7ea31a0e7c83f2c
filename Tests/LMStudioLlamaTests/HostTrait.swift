import LMStudio
import LMStudioLlama
import LMStudioServer
import LMStudioTesting
import Testing

/// Runs each test twice: with the models in this process, then with those of a server.
struct HostTrait: SuiteTrait, TestTrait, TestScoping {
    /// Where the models are; `nil`: in this process.
    @TaskLocal static var server: String?

    /// What an argument that the engine refuses is told as: the protocol's errors have no codes.
    static var refusal: LMStudioError.Code { server == nil ? .invalidArgument : .server }

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await function()
        let host = LocalHost()
        defer { host.close() }
        try await LMStudioServer.with(host) { server async in
            // What fails then says so.
            await Self.$server.withValue(server.addresses[0]) {
                do {
                    try await function()
                } catch {
                    Issue.record(error, "with the models of a server")
                }
            }
        }
    }
}

extension Trait where Self == HostTrait {
    /// With the models in this process, then with those of a server.
    static var onBothHosts: Self { Self() }
}
