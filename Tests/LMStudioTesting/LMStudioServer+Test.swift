package import LMStudioCore
package import LMStudioServer

extension LMStudioServer {
    /// A server on a free port that no client finds by itself.
    package static func test(
        _ host: any ModelHost,
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> LMStudioServer {
        var configuration = ServerConfiguration()
        configuration.servesStoreOnly = false
        configuration.port = 0
        configuration.listensOnSDKPort = false
        change(&configuration)
        return try await start(host: host, configuration: configuration)
    }

    /// Runs a body with a server, and stops it.
    package static func with(
        _ host: any ModelHost,
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (LMStudioServer) async throws -> Void
    ) async throws {
        let server = try await test(host, change)
        do {
            try await body(server)
        } catch {
            await server.stop(within: .zero)
            throw error
        }
        await server.stop(within: .zero)
    }
}
