package import LMStudioCore

/// Answers LM Studio's remote calls with a host: `(endpoint, JSON) → ModelHost call → JSON`.
package struct Dispatcher: Sendable {
    private let host: any ModelHost
    private let files: UploadedFiles?

    /// Makes a dispatcher.
    ///
    /// - Parameters:
    ///   - host: who answers.
    ///   - files: where uploads go and chats' files come from; `nil`: the host.
    package init(host: any ModelHost, files: UploadedFiles? = nil) {
        self.host = host
        self.files = files
    }

    /// Answers one call.
    ///
    /// - Parameters:
    ///   - endpoint: its name in LM Studio's protocol.
    ///   - namespace: the protocol's namespace it belongs to: `llm`, `system`.
    ///   - parameter: what it is called with; `nil` if with nothing.
    /// - Returns: the endpoint's result; null if it has none.
    /// - Throws: `.unsupported` if there is no such endpoint; `.invalidArgument` if the parameter does
    ///   not fit; what the host throws.
    package func call(
        _ endpoint: String,
        in namespace: String,
        parameter: JSONValue?
    ) async throws(LMStudioError) -> JSONValue {
        let parameter = EndpointParameter(endpoint: endpoint, parameter)
        let answer: JSONValue? =
            switch namespace {
            case "llm": try await model(endpoint, .llm, parameter)
            case "embedding": try await model(endpoint, .embedding, parameter)
            case "system": try await system(endpoint, parameter)
            case "files": try await upload(endpoint, parameter)
            default: nil
            }
        guard let answer else { throw .noEndpoint(endpoint, in: namespace) }
        return answer
    }

    /// Whether a call takes microseconds of a thread's time, apart from what the host's own threads do.
    ///
    /// An event loop can begin such a call itself. What reads the disk or renders a template is not small.
    package static func isSmall(_ endpoint: String, _ parameter: JSONValue?) -> Bool {
        switch endpoint {
        case "tokenize", "countTokens", "embedString":
            guard case .string(let text)? = parameter?["inputString"] else { return true }
            return text.utf8.count <= smallTextBytes
        case "listLoaded", "getModelInfo", "getLoadConfig", "getBasePredictionConfig",
            "getInstanceProcessingState", "version", "info", "getExperimentFlags":
            return true
        default: return false
        }
    }

    /// A text that is split into tokens in about 0.1 ms.
    private static let smallTextBytes = 1024

    // MARK: llm, embedding

    private func model(
        _ endpoint: String,
        _ domain: ModelDomain,
        _ parameter: EndpointParameter
    ) async throws(LMStudioError) -> JSONValue? {
        switch endpoint {
        case "listLoaded":
            return .array(try await host.listLoaded(domain).map(\.json))
        case "getModelInfo":
            return try await unlessMissing(parameter) { () throws(LMStudioError) in
                let info = try await host.instanceInfo(try parameter.specifier(domain))
                try info.check(domain)
                return info.json
            }
        case "getLoadConfig":
            return try await host.loadConfig(try parameter.specifier(domain)).kv(for: domain)
        case "getBasePredictionConfig":
            return try await host.basePredictionConfig(try parameter.specifier(domain)).kv
        case "getInstanceProcessingState":
            return try await unlessMissing(parameter) { () throws(LMStudioError) in
                try await host.processingState(try parameter.specifier(domain)).json
            }
        case "unloadModel":
            try parameter.refuseDevice()
            let identifier = try parameter.string("identifier")
            try await host.unload(.query(ModelQuery(domain: domain, identifier: identifier)))
            return .null
        case "estimateModelUsage":
            return try await estimate(parameter, domain)
        case "tokenize":
            let tokens = try await host.tokenize(
                try parameter.string("inputString"),
                with: try parameter.specifier(domain)
            )
            return .object(["tokens": .array(tokens.map { .integer(Int64($0)) })])
        case "countTokens":
            let count = try await host.countTokens(
                try parameter.string("inputString"),
                with: try parameter.specifier(domain)
            )
            return .object(["tokenCount": .integer(Int64(count))])
        case "applyPromptTemplate" where domain == .llm:
            return try await template(parameter)
        case "preloadDraftModel" where domain == .llm:
            try await host.preloadDraftModel(
                try parameter.string("draftModelKey"),
                for: try parameter.specifier(domain)
            )
            return .null
        case "embedString" where domain == .embedding:
            let vectors = try await host.embed(
                [try parameter.string("inputString")],
                with: try parameter.specifier(domain, named: "modelSpecifier")
            )
            return .object([
                "embedding": .array(vectors.joined().map { .number(Double($0)) })
            ])
        default: return nil
        }
    }

    private func estimate(
        _ parameter: EndpointParameter,
        _ domain: ModelDomain
    ) async throws(LMStudioError) -> JSONValue {
        try parameter.refuseDevice()
        // What is odd about the options is told with the load.
        var warnings: [String] = []
        let request = LoadRequest(
            model: try parameter.string("modelKey"),
            config: try LoadConfig(
                stack: parameter["loadConfigStack"],
                domain: domain,
                warnings: &warnings
            ),
            domain: domain
        )
        return try await host.estimateUsage(request).json
    }

    private func template(_ parameter: EndpointParameter) async throws(LMStudioError) -> JSONValue {
        // What is odd about the options was told with the prediction that they are for.
        var warnings: [String] = []
        let chat = try Chat(json: parameter["history"], as: "history")
        let text = try await host.applyPromptTemplate(
            try files?.attached(to: chat) ?? chat,
            config: try PredictionConfig(
                stack: parameter["predictionConfigStack"],
                warnings: &warnings
            ),
            options: try PromptTemplateOptions(json: parameter["opts"]),
            with: try parameter.specifier(.llm)
        )
        return .object(["formatted": .string(text)])
    }

    /// Null in place of the error that there is no such instance, where the caller wants it so.
    private func unlessMissing(
        _ parameter: EndpointParameter,
        _ body: () async throws(LMStudioError) -> JSONValue
    ) async throws(LMStudioError) -> JSONValue {
        do throws(LMStudioError) {
            return try await body()
        } catch {
            guard error.code == .modelNotFound, try parameter.bool("throwIfNotFound") == false
            else { throw error }
            return .null
        }
    }

    // MARK: system

    private func system(
        _ endpoint: String,
        _ parameter: EndpointParameter
    ) async throws(LMStudioError) -> JSONValue? {
        switch endpoint {
        case "listDownloadedModels":
            return .array(try await host.listDownloaded().map(\.json))
        case "listDownloadedModelVariants":
            let key = try parameter.string("modelKey")
            return try Self.variants(of: key, among: try await host.listDownloaded())
        case "version":
            let description = try await host.describe()
            return .object([
                "version": .string(description.version),
                "build": .integer(Int64(description.build)),
            ])
        case "info":
            let description = try await host.describe()
            return .object([
                "pid": .integer(Int64(description.processIdentifier)),
                "isDaemon": .bool(description.isDaemon), "version": .string(description.version),
            ])
        case "getExperimentFlags":
            // This server has no experiments: none is on.
            return .array([])
        case "setExperimentFlag":
            let code = try parameter.string("code")
            throw LMStudioError(
                .unsupported,
                "there is no experiment flag \"\(code)\": this server has no experiments"
            )
        case "notify":
            // Nobody sits before a server to be shown it; that is no failure of the caller's.
            _ = try parameter.string("title")
            return .null
        default: return nil
        }
    }

    /// The models that differ from the one of a key only in how they are stored.
    private static func variants(
        of key: String,
        among models: [ModelInfo]
    ) throws(LMStudioError) -> JSONValue {
        let variants = models.filter(ModelVariants(of: key).contains)
        guard variants.isEmpty else { return .array(variants.map(\.json)) }
        let keys = models.map(\.modelKey)
        let title = "there is no model with the key \(key.quoted(upTo: 255))"
        throw LMStudioError(
            .modelNotFound,
            title,
            details: LMStudioErrorDetails(
                title: title,
                display: .pathNotFound(key, available: Array(keys.prefix(5)), total: keys.count)
            )
        )
    }

    // MARK: files

    private func upload(
        _ endpoint: String,
        _ parameter: EndpointParameter
    ) async throws(LMStudioError) -> JSONValue? {
        guard endpoint == "uploadFileBase64" else { return nil }
        let name = try parameter.string("name")
        let content = try Base64.decode(try parameter.string("contentBase64"), of: name)
        guard let files else { return try await host.upload(content, named: name).uploadAnswer }
        return try files.add(content, name: name).uploadAnswer
    }
}

/// The models on disk that differ from each other only in how they are stored, as `key@q8_0` does.
private struct ModelVariants {
    private let base: Substring

    init(of key: String) {
        base = key.lowercased()[...].prefix { $0 != "@" }
    }

    func contains(_ model: ModelInfo) -> Bool {
        model.modelKey.lowercased().prefix { $0 != "@" } == base
    }
}
