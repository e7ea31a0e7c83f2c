import ArgumentParser
import LMStudio
import LMStudioCore

/// `lms unload`: takes models of a server out of memory.
struct Unload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take models of a server out of memory."
    )

    @Argument(help: "The model's identifier; not needed if only one is loaded.")
    var identifier: String?

    @Flag(help: "All of them.")
    var all = false

    @OptionGroup var connection: Connection

    func validate() throws {
        if all, identifier != nil {
            throw ValidationError("give an identifier or --all, not both")
        }
    }

    func run() async throws {
        let client = try await connection.serverClient(for: "unload it from")
        defer { client.close() }
        for instance in try await instances(at: client) {
            let model = ModelQuery(domain: instance.model.domain, identifier: instance.identifier)
            try await client.limited(by: nil, doing: "unloading the model") {
                host throws(LMStudioError) in
                try await host.unload(.query(model))
            }
            Output.standard.line(instance.identifier)
        }
    }

    private func instances(
        at client: LMStudioClient
    ) async throws(LMStudioError) -> [ModelInstanceInfo] {
        let loaded = try await client.limited(by: nil, doing: "listing the loaded models") {
            host throws(LMStudioError) in
            try await host.listLoaded()
        }
        let named = loaded.filter { instance in
            identifier.map { $0.lowercased() == instance.identifier.lowercased() } ?? true
        }
        let exact = named.filter { $0.identifier == identifier }
        let chosen = exact.isEmpty ? named : exact
        if all || chosen.count == 1 { return chosen }
        let names = loaded.map(\.identifier.quoted).joined(separator: ", ")
        throw LMStudioError(
            .invalidArgument,
            loaded.isEmpty
                ? "no model is loaded"
                : identifier.map { "no loaded model is called \($0.quoted); loaded: \(names)" }
                    ?? "\(loaded.count) models are loaded: \(names); name one, or give --all"
        )
    }
}
