import LMStudio
import LMStudioCore
import LMStudioLlama
import LMStudioTesting
import Testing

/// A tiny model that sees, and a client of its own.
struct Seer {
    let client: LMStudioClient
    let model: LLM
    let vectorCount: Int
    private let directory: TemporaryDirectory

    init(
        _ kind: TinyProjector.Kind = .llava,
        load: LoadConfig = LoadConfig()
    ) async throws {
        var projector = TinyProjector()
        projector.kind = kind
        vectorCount = projector.vectorCount
        directory = try TemporaryDirectory()
        try directory.write(projector.model.bytes(), to: "test/seer/seer.gguf")
        try directory.write(projector.bytes(), to: "test/seer/mmproj-seer.gguf")
        client = try await HostTrait.client(of: LocalHost(models: directory.path))
        model = try await client.llm.model("seer", config: load)
    }

    /// A chat of texts and images: files, or the number of a pattern.
    func chat(_ parts: Any...) async throws -> Chat {
        var content: [ChatMessage.Part] = []
        for part in parts {
            if let text = part as? String { content.append(.text(text)) }
            let file = part as? [UInt8] ?? (part as? Int).map { TestImage.png(pattern: $0) }
            guard let file else { continue }
            content.append(.file(try await client.prepareImage(file)))
        }
        return Chat([ChatMessage(role: .user, content: content)])
    }

    /// Answers a chat, and tells what of the prompt was read.
    func answer(
        _ chat: Chat,
        _ config: PredictionConfig = .pattern(16)
    ) async throws -> (result: PredictionResult, read: [PromptProgress]) {
        let channel = PredictionChannel()
        try client.start(model.chatRequest(chat, config: config), into: channel)
        var read: [PromptProgress] = []
        while true {
            switch try channel.next() {
            case .event(.promptProgress(_, let counts?)): read.append(counts)
            case .event: break
            case .pending:
                await withCheckedContinuation { done in channel.wait { done.resume() } }
            case .finished: return (try #require(try channel.result()), read)
            }
        }
    }

    func text(_ chat: Chat) async throws -> String { try await answer(chat).result.content }
}
