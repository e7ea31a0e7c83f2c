import ArgumentParser
import LMStudio
import LMStudioLlama
import LMStudioWire

/// `lms ps`: the loaded models.
struct ProcessStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List the models that a server has loaded."
    )

    @Flag(help: "Write a JSON array of LM Studio's instance info objects.")
    var json = false

    @OptionGroup var connection: Connection

    func run() async throws {
        let client = try await connection.client()
        defer { client.close() }
        let instances = try await client.limited(by: nil, doing: "listing the loaded models") {
            host throws(LMStudioError) in
            try await host.listLoaded()
        }
        guard !json else { return Output.standard.json(.array(instances.map(\.json))) }
        guard !instances.isEmpty else {
            if case .local = client.address {
                return Output.error.line("No server is running, so no model is loaded.")
            }
            return Output.error.line("No model is loaded at \(client.address).")
        }
        var table = Table("IDENTIFIER", "MODEL", "STATUS", "SIZE", "CONTEXT", "TTL")
        for instance in instances {
            // It may have gone since, and older servers do not tell.
            let state = try? await client.limited(by: nil, doing: "asking what it does") {
                host throws(LMStudioError) in
                try await host.processingState(.instanceReference(instance.instanceReference))
            }
            table.add(
                instance.identifier,
                instance.model.modelKey,
                state?.status.rawValue ?? "-",
                ByteCount.text(instance.model.sizeBytes),
                "\(instance.contextLength)",
                instance.timeToLive.map { "\(Int($0 / .seconds(1))) s" } ?? "-"
            )
        }
        Output.standard.line(table.text)
    }
}
