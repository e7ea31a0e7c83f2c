public import LMStudioCore
import LMStudioWire

extension RemoteHost {
    /// What an instance is.
    public func instanceInfo(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        let answer = try await ask("getModelInfo", model, ["throwIfNotFound": .bool(true)])
        guard let info = ModelInstanceInfo(json: answer) else {
            throw Self.unreadable("getModelInfo", answer)
        }
        return info
    }

    /// How an instance was loaded.
    public func loadConfig(_ model: ModelSpecifier) async throws(LMStudioError) -> LoadConfig {
        let answer = try await ask("getLoadConfig", model)
        guard answer.isKVList else { throw Self.unreadable("getLoadConfig", answer) }
        warn(of: UnknownWord.inLoadConfig(answer))
        return LoadConfig(kv: answer, domain: model.domain ?? .llm)
    }

    /// The options that a prediction of an instance is made with where it names none.
    public func basePredictionConfig(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> PredictionConfig {
        let answer = try await ask("getBasePredictionConfig", model)
        guard answer.isKVList else { throw Self.unreadable("getBasePredictionConfig", answer) }
        warn(of: UnknownWord.inPredictionConfig(answer))
        return PredictionConfig(kv: answer)
    }

    private func warn(of unknown: [UnknownWord]) {
        for word in unknown { warn(word.kind, word.warning) }
    }

    /// What an instance is doing.
    public func processingState(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> ProcessingState {
        let endpoint = "getInstanceProcessingState"
        let answer = try await ask(endpoint, model, ["throwIfNotFound": .bool(true)])
        guard let state = ProcessingState(json: answer) else {
            throw Self.unreadable(endpoint, answer)
        }
        return state
    }

    /// The tokens of a text, as the server splits it.
    public func tokenize(
        _ text: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [Int32] {
        let answer = try await ask("tokenize", model, ["inputString": .string(text)])
        guard case .array(let elements)? = answer.members?["tokens"] else {
            throw Self.unreadable("tokenize", answer)
        }
        let tokens = elements.compactMap { $0.int.flatMap(Int32.init(exactly:)) }
        guard tokens.count == elements.count else { throw Self.unreadable("tokenize", answer) }
        return tokens
    }

    /// The number of tokens of a text.
    public func countTokens(
        _ text: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> Int {
        let answer = try await ask("countTokens", model, ["inputString": .string(text)])
        guard let count = answer.members?["tokenCount"]?.int else {
            throw Self.unreadable("countTokens", answer)
        }
        return count
    }

    /// Hands a file to the server, which keeps it until this host is closed.
    public func upload(
        _ content: [UInt8],
        named name: String
    ) async throws(LMStudioError) -> ChatFile {
        let parameter: JSONValue = .object([
            "name": .string(name), "contentBase64": .string(Base64.encode(content)),
        ])
        let answer = try await files.call("uploadFileBase64", parameter)
        guard let file = ChatFile(uploadAnswer: answer, name: name) else {
            throw Self.unreadable("uploadFileBase64", answer)
        }
        return file
    }

    /// The text that a chat becomes, as the server makes it.
    public func applyPromptTemplate(
        _ chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> String {
        let parameter = [
            "history": chat.json, "predictionConfigStack": config.stack(isRawText: false),
            "opts": options.json,
        ]
        let answer = try await ask("applyPromptTemplate", model, parameter)
        guard let text = answer["formatted"]?.string else {
            throw Self.unreadable("applyPromptTemplate", answer)
        }
        return text
    }

    /// Has the server load a draft model.
    public func preloadDraftModel(
        _ key: String,
        for model: ModelSpecifier
    ) async throws(LMStudioError) {
        let parameter: JSONValue = .object([
            "specifier": model.json, "draftModelKey": .string(key),
        ])
        _ = try await connection(model.domain).call("preloadDraftModel", parameter)
    }

    /// What the server is.
    public func describe() async throws(LMStudioError) -> HostDescription {
        let info = try await system.call("info")
        let version = try await system.call("version")
        let members = (info?.members ?? [:]).merging(version?.members ?? [:]) { $1 }
        guard let description = HostDescription(json: .object(members)) else {
            throw Self.unreadable("info", info)
        }
        return description
    }

    /// Starts a prediction on the server.
    public func predict(_ request: PredictionRequest, into channel: PredictionChannel) {
        let ticket = Ticket()
        llm.open("predict", request.json, ticket) { RemotePrediction(channel) }
        let connection = llm
        channel.onStop { connection.cancel(ticket) }
    }
}

extension PredictionRequest {
    /// The creation parameter of `predict`: text as it is goes as one message through a template that
    /// prints it, which every version of LM Studio knows.
    fileprivate var json: JSONValue {
        let chat: Chat
        let isRawText: Bool
        switch input {
        case .text(let text): (chat, isRawText) = (Chat(text), true)
        case .chat(let messages): (chat, isRawText) = (messages, false)
        }
        return .present([
            "modelSpecifier": model.json,
            "history": chat.json,
            "predictionConfigStack": config.stack(isRawText: isRawText),
            "fuzzyPresetIdentifier": preset.map { .string($0) },
        ])
    }
}
