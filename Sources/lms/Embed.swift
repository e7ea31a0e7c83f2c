import ArgumentParser
import LMStudio
import LMStudioWire

/// `lms embed`: the vectors of texts.
struct Embed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn texts into vectors of length 1: a line with a JSON array for each.",
        discussion: "Lines of standard input are taken as they come, and so are their vectors."
    )

    @Argument(help: "The texts; without them each line of standard input is one.")
    var text: [String] = []

    @Option(help: "Key, identifier or path of the model; default: a loaded one, or the only one.")
    var model: String?

    @OptionGroup(title: "Loading") var loading: LoadOptions
    @OptionGroup var connection: Connection

    func run() async throws {
        let client = try await connection.client()
        defer { client.close() }
        let request = try loading.request(model, domain: .embedding, for: client)
        let model = try await Interruptible.run {
            EmbeddingModel(client: client, identifier: try await client.load(request).identifier)
        }
        guard text.isEmpty else { return try await write(text, model) }
        var lines = InputLines()
        while true {
            let texts = try lines.next()
            if texts.isEmpty { return }
            do {
                try await write(texts, model)
            } catch let error as LMStudioError {
                throw error.prefixed("\(lines.place): ")
            }
        }
    }

    private func write(_ texts: [String], _ model: EmbeddingModel) async throws {
        for vector in try await Interruptible.run({ try await model.embed(texts) }) {
            Output.standard.json(.array(vector.map { .number(Double($0)) }))
        }
    }
}
