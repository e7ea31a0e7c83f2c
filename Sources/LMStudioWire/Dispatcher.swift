package import LMStudioCore

/// Answers LM Studio's remote calls with a host: `(endpoint, JSON) → ModelHost call → JSON`.
package struct Dispatcher: Sendable {
    private let host: any ModelHost

    package init(host: any ModelHost) {
        self.host = host
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
        let parameter = Parameter(endpoint: endpoint, members: parameter?.members ?? [:])
        switch (namespace, endpoint) {
        case ("llm", "listLoaded"):
            return .array(
                try await host.listLoaded().filter { $0.model.domain == .llm }.map(\.json)
            )
        case ("llm", "getModelInfo"):
            return try await host.instanceInfo(try parameter.specifier()).json
        case ("llm", "unloadModel"):
            try await host.unload(.identifier(try parameter.string("identifier")))
            return .null
        case ("llm", "tokenize"):
            let tokens = try await host.tokenize(
                try parameter.string("inputString"),
                with: try parameter.specifier()
            )
            return .object(["tokens": .array(tokens.map { .integer(Int64($0)) })])
        case ("llm", "countTokens"):
            let tokens = try await host.tokenize(
                try parameter.string("inputString"),
                with: try parameter.specifier()
            )
            return .object(["tokenCount": .integer(Int64(tokens.count))])
        case ("system", "listDownloadedModels"):
            return .array(try await host.listDownloaded().map(\.json))
        default:
            throw LMStudioError(
                .unsupported,
                "there is no endpoint \"\(endpoint)\" in the namespace \"\(namespace)\""
            )
        }
    }

    private struct Parameter {
        let endpoint: String
        let members: [String: JSONValue]

        func string(_ name: String) throws(LMStudioError) -> String {
            guard let value = members[name]?.string else {
                throw LMStudioError(
                    .invalidArgument,
                    "\(endpoint) needs a string \"\(name)\", got \(members[name]?.kind ?? "nothing")"
                )
            }
            return value
        }

        func specifier() throws(LMStudioError) -> ModelSpecifier {
            let specifier = members["specifier"]?.members ?? [:]
            switch specifier["type"]?.string {
            case "query":
                let query = specifier["query"]?.members ?? [:]
                if let name = query["identifier"]?.string ?? query["path"]?.string {
                    return .identifier(name)
                }
                return .any
            case "instanceReference":
                if let reference = specifier["instanceReference"]?.string {
                    return .instanceReference(reference)
                }
            default: break
            }
            throw LMStudioError(
                .invalidArgument,
                "\(endpoint) needs a \"specifier\" of type \"query\" or \"instanceReference\", got "
                    + (members["specifier"]?.text ?? "nothing")
            )
        }
    }
}
