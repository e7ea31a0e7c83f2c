import ArgumentParser
import LMStudio
import LMStudioWire

/// `lms embed`: the vectors of texts.
struct Embed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn texts into vectors of length 1: a line with a JSON array for each."
    )

    @Argument(help: "The texts; without them each line of standard input is one.")
    var text: [String] = []

    @Option(help: "Key, identifier or path of the model; default: a loaded one, or the only one.")
    var model: String?

    @OptionGroup(title: "Loading") var loading: LoadOptions
    @OptionGroup var connection: Connection

    func run() async throws {
        let texts = text.isEmpty ? try Input.standardLines() : text
        let client = try await connection.client()
        defer { client.close() }
        let request = try loading.request(model, domain: .embedding, for: client)
        let vectors = try await Interruptible.run {
            let identifier = try await client.load(request).identifier
            return try await EmbeddingModel(client: client, identifier: identifier).embed(texts)
        }
        for vector in vectors {
            Output.standard.json(.array(vector.map { .number(Double($0)) }))
        }
    }
}
