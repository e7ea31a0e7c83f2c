import ArgumentParser
import LMStudio
import LMStudioLlama
import LMStudioWire

/// `lms ls`: the models on disk.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the models on disk."
    )

    @Flag(help: "Language models only.")
    var llm = false

    @Flag(help: "Embedding models only.")
    var embedding = false

    @Flag(help: "Write a JSON array of LM Studio's model info objects.")
    var json = false

    @OptionGroup var connection: Connection

    func run() async throws {
        let client = try await connection.client()
        defer { client.close() }
        let stored = try await client.limited(by: nil, doing: "listing the models on disk") {
            host throws(LMStudioError) in
            try await host.listDownloaded()
        }
        let models = stored.filter { llm == embedding || ($0.domain == .llm) == llm }
        guard !json else { return Output.standard.json(.array(models.map(\.json))) }
        guard !models.isEmpty else {
            return Output.error.line("There are no models at \(client.address).")
        }
        var table = Table("MODEL", "TYPE", "PARAMETERS", "ARCHITECTURE", "QUANTIZATION", "SIZE")
        for model in models {
            table.add(
                model.modelKey,
                model.domain.rawValue,
                model.parameters ?? "-",
                model.architecture ?? "-",
                model.quantization?.name ?? "-",
                ByteCount.text(model.sizeBytes)
            )
        }
        Output.standard.line(table.text)
    }
}
