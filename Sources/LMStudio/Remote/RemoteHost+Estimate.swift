public import LMStudioCore
import LMStudioWire

extension RemoteHost {
    /// What a load would take, as the server estimates it.
    public func estimateUsage(_ request: LoadRequest) async throws(LMStudioError) -> UsageEstimate {
        try request.config.validate()
        let answer = try await ofItsKind(request) { domain throws(LMStudioError) in
            let name =
                if let model = request.model { model } else { try await onlyModel(domain) }
            return try await connection(domain).call(
                "estimateModelUsage",
                .object([
                    "modelKey": .string(name),
                    "loadConfigStack": request.config.stack(for: domain),
                ])
            )
        }
        guard let answer, let estimate = UsageEstimate(json: answer) else {
            throw Self.unreadable("estimateModelUsage", answer)
        }
        return estimate
    }
}
