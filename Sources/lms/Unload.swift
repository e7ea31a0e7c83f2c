import ArgumentParser
import LMStudio

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
        for identifier in try await identifiers(at: client) {
            try await client.limited(by: nil, doing: "unloading the model") {
                host throws(LMStudioError) in
                try await host.unload(.identifier(identifier))
            }
            Output.standard.line(identifier)
        }
    }

    private func identifiers(at client: LMStudioClient) async throws(LMStudioError) -> [String] {
        if let identifier { return [identifier] }
        let loaded = try await client.limited(by: nil, doing: "listing the loaded models") {
            host throws(LMStudioError) in
            try await host.listLoaded().map(\.identifier)
        }
        guard all || loaded.count == 1 else {
            throw LMStudioError(
                .invalidArgument,
                loaded.isEmpty
                    ? "no model is loaded"
                    : "\(loaded.count) models are loaded: \(loaded.joined(separator: ", ")); name one, or give --all"
            )
        }
        return loaded
    }
}
