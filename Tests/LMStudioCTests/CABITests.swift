import Foundation
import LMStudioCore
import LMStudioLlama
import LMStudioServer
import LMStudioTesting
import Testing

/// All tests of the C library, one at a time: they count the handles of the whole process.
@Suite(.serialized) enum CABITests {}

/// A scenario of the harness; receives an address, and returns what it found wrong.
typealias Scenario = @Sendable (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?

/// Runs blocking work on a thread of its own: Swift's own ones must not wait for each other.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: work()) }
        thread.stackSize = 8 << 20
        thread.start()
    }
}

/// Runs a scenario and expects it to find nothing wrong: with the models in this process, then with
/// those of a server.
func passes(
    _ scenario: @escaping Scenario,
    with store: Store,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    try await onBothHosts(of: store) { address in
        await passes(scenario, at: address, sourceLocation: sourceLocation)
    }
}

/// Runs a body with the address of a store's models in this process, then with that of a server of them.
func onBothHosts(
    of store: Store,
    _ body: @escaping @Sendable (_ address: String) async throws -> Void
) async throws {
    try await body(store.address)
    let host = LocalHost(models: store.path)
    defer { host.close() }
    try await LMStudioServer.with(host) { try await body($0.addresses[0]) }
}

/// Runs a scenario at an address, and expects it to find nothing wrong.
func passes(
    _ scenario: @escaping Scenario,
    at address: String,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    await passes({ scenario(address) }, "at \(address)", sourceLocation: sourceLocation)
}

/// Runs a scenario, and expects it to find nothing wrong.
func passes(
    _ scenario: @escaping @Sendable () -> UnsafePointer<CChar>?,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    let failures = await onThread { scenario().map { String(cString: $0) } ?? "" }
    #expect(failures == "", comment, sourceLocation: sourceLocation)
}

/// Models in a directory that is removed with this object.
struct Store {
    private let directory: TemporaryDirectory

    /// The directory in the form `lms_client_open()` takes.
    var address: String { "local:\(path)" }
    /// The directory.
    var path: String { directory.path }

    /// A store with a small model that writes without end.
    static func endless() throws -> Store {
        var model = TinyModel()
        model.contextLength = 65536
        let store = Store(directory: try TemporaryDirectory())
        try store.directory.write(model.bytes(), to: "acme/Endless-GGUF/endless.gguf")
        return store
    }

    /// A store with a small embedding model.
    static func encoder() throws -> Store {
        let store = Store(directory: try TemporaryDirectory())
        try store.directory.write(TinyEncoder().bytes(), to: "acme/Encoder-GGUF/encoder.gguf")
        return store
    }

    /// A store with a small model that sees.
    static func seer() throws -> Store {
        let projector = TinyProjector()
        let store = Store(directory: try TemporaryDirectory())
        try store.directory.write(projector.model.bytes(), to: "acme/Seer-GGUF/seer.gguf")
        try store.directory.write(projector.bytes(), to: "acme/Seer-GGUF/mmproj-seer.gguf")
        return store
    }

    /// A store with the starter model, which takes a while to load.
    static func starter() throws -> Store {
        let file = try #require(
            ProcessInfo.processInfo.environment["LMSTUDIO_TEST_STARTER"],
            "run the tests with `make test`"
        )
        let store = Store(directory: try TemporaryDirectory())
        try FileManager.default.createSymbolicLink(
            atPath: try store.directory.file("acme/Starter-GGUF/starter.gguf"),
            withDestinationPath: file
        )
        return store
    }
}
