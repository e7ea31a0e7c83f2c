import LMStudio
import LMStudioLlama
import LMStudioServer
import LMStudioTesting
import Testing

/// Runs each test twice: with the models in this process, then with those of a server.
struct HostTrait: SuiteTrait, TestTrait, TestScoping {
    /// Where the models are; `nil`: in this process.
    @TaskLocal static var server: String?

    /// The servers that a test has started; `nil`: the models are in this process.
    @TaskLocal private static var servers: Servers?

    private final class Servers: Sendable {
        let all = Recorder<LMStudioServer>()
    }

    /// A client of a host; of a server of its models where those of a server are meant.
    static func client(of host: LocalHost) async throws -> LMStudioClient {
        guard let servers else { return LMStudioClient(host: host) }
        let server = try await LMStudioServer.test(host)
        servers.all.record(server)
        return try await LMStudioClient(server.addresses[0])
    }

    /// What an argument that the engine refuses is told as.
    static var refusal: LMStudioError.Code { code(.invalidArgument) }

    /// What an error of the engine is told as: most of the protocol's errors have no codes.
    static func code(_ code: LMStudioError.Code) -> LMStudioError.Code {
        server == nil ? code : .server
    }

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
            let servers = Servers()
            await Self.$server.withValue(server.addresses[0]) {
                await Self.$servers.withValue(servers) {
                    do {
                        try await function()
                    } catch {
                        Issue.record(error, "with the models of a server")
                    }
                }
            }
            for server in servers.all.values { await server.stop(within: .zero) }
        }
    }
}

extension Trait where Self == HostTrait {
    /// With the models in this process, then with those of a server.
    static var onBothHosts: Self { Self() }
}
