public import LMStudioCore
import LMStudioWire

extension RemoteHost {
    /// The models on the server's disk, as it lists them.
    public func listDownloaded() async throws(LMStudioError) -> [ModelInfo] {
        try await list("listDownloadedModels", of: system, ModelInfo.init(json:))
    }

    /// The loaded instances, language models first.
    public func listLoaded() async throws(LMStudioError) -> [ModelInstanceInfo] {
        try await listLoaded(.llm) + listLoaded(.embedding)
    }

    /// The loaded instances for one purpose.
    public func listLoaded(
        _ domain: ModelDomain
    ) async throws(LMStudioError) -> [ModelInstanceInfo] {
        try await list("listLoaded", of: connection(domain), ModelInstanceInfo.init(json:))
    }

    private func list<Element>(
        _ endpoint: String,
        of connection: RemoteConnection,
        _ element: (JSONValue) -> Element?
    ) async throws(LMStudioError) -> [Element] {
        let answer = try await connection.call(endpoint)
        guard case .array(let elements)? = answer else { throw Self.unreadable(endpoint, answer) }
        // What one version cannot read of a list must not hide the rest of it.
        return elements.compactMap { json in
            if let element = element(json) { return element }
            let type = json["type"]?.string ?? ""
            warn(
                "\(endpoint) \(type)",
                "The server's answer to \(endpoint) has a model that this version cannot read, of type "
                    + "\(type.quoted), which is left out: \(json.text.quoted(upTo: 200))"
            )
            return nil
        }
    }

    /// Gets an instance that is loaded, or has the server load one.
    ///
    /// Without a name it is the first loaded one, else the server's only model, else its starter model.
    public func load(
        _ request: LoadRequest,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        try request.validate()
        return try await ofItsKind(request) { domain throws(LMStudioError) in
            try await load(request, for: domain, report)
        }
    }

    /// Does what a request asks for in the namespace of language models, and, where any kind will do,
    /// in that of the model's own once the server has told it.
    func ofItsKind<Value>(
        _ request: LoadRequest,
        _ body: (ModelDomain) async throws(LMStudioError) -> Value
    ) async throws(LMStudioError) -> Value {
        do throws(LMStudioError) {
            return try await body(request.domain ?? .llm)
        } catch {
            guard request.domain == nil,
                case .domainMismatch(_, let actual, _)? = error.details?.display, actual != .llm
            else { throw error }
            return try await body(actual)
        }
    }

    private func load(
        _ request: LoadRequest,
        for domain: ModelDomain,
        _ report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        if request.model == nil, request.reusesLoaded,
            let loaded = try await listLoaded(domain).first
        {
            report(.progress(1))
            return loaded
        }
        let name = if let model = request.model { model } else { try await onlyModel(domain) }
        var parameter = ["loadConfigStack": request.config.stack(for: domain)]
        let ttl = request.timeToLive?.wholeMilliseconds
        if request.reusesLoaded {
            parameter["identifier"] = .string(name)
            parameter["loadTtlMs"] = ttl
        } else {
            parameter["modelKey"] = .string(name)
            parameter["identifier"] = request.identifier.map { .string($0) }
            parameter["ttlMs"] = ttl
        }
        return try await load(
            request.reusesLoaded ? "getOrLoad" : "loadModel",
            .object(parameter),
            on: connection(domain),
            report
        )
    }

    private func load(
        _ endpoint: String,
        _ parameter: JSONValue,
        on connection: RemoteConnection,
        _ report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        let ticket = Ticket()
        let outcome = Outcome()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                outcome.await(continuation)
                connection.open(endpoint, parameter, ticket) {
                    RemoteLoad(report: report) { outcome.settle($0) }
                }
            }
        } onCancel: {
            connection.cancel(ticket)
            // The server need not answer a cancelled load.
            outcome.settle(
                .failure(LMStudioError(.cancelled, "loading the model was cancelled"))
            )
        }
        return try result.get()
    }

    /// The model to load where none is named.
    func onlyModel(_ domain: ModelDomain) async throws(LMStudioError) -> String {
        let keys = try await listDownloaded().filter { $0.domain == domain }.map(\.modelKey)
        if keys.count == 1 || keys.contains(Self.starterKey) {
            return keys.count == 1 ? keys[0] : Self.starterKey
        }
        let names = keys.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
        throw LMStudioError(
            .modelNotFound,
            keys.isEmpty
                ? "no model is loaded at \(address), and none is on its disk; download one there first"
                : "no model is loaded at \(address); name one to load: \(names)"
        )
    }

    private static let starterKey = "smollm2-135m-instruct"

    /// Takes an instance out of the server's memory.
    public func unload(_ model: ModelSpecifier) async throws(LMStudioError) {
        let identifier: String
        if case .query(let query) = model, let name = query.identifier,
            query == ModelQuery(domain: query.domain, identifier: name)
        {
            identifier = name
        } else {
            identifier = try await instanceInfo(model).identifier
        }
        _ = try await connection(model.domain)
            .call("unloadModel", .object(["identifier": .string(identifier)]))
    }
}
