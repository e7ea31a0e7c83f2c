package import LMStudioCore

extension UsageEstimate {
    /// Reads what `estimateModelUsage` answers; `nil` if it is something else.
    package init?(json: JSONValue) {
        guard let memory = json["memory"], let model = memory["modelBytes"]?.count,
            let context = memory["contextBytes"]?.count
        else { return nil }
        self.init(
            memory: MemoryUsage(
                modelBytes: Int64(model),
                contextBytes: Int64(context),
                modelVRAMBytes: Int64(memory["modelVramBytes"]?.count ?? 0),
                contextVRAMBytes: Int64(memory["contextVramBytes"]?.count ?? 0)
            ),
            confidence: memory["confidence"]?.string.flatMap { Confidence(rawValue: $0) } ?? .low,
            passesGuardrails: json["passesGuardrails"] == .bool(true)
        )
    }

    /// What `estimateModelUsage` answers.
    package var json: JSONValue {
        .object([
            "memory": .object([
                "confidence": .string(confidence.rawValue),
                "modelVramBytes": .integer(memory.modelVRAMBytes),
                "contextVramBytes": .integer(memory.contextVRAMBytes),
                "totalVramBytes": .integer(memory.totalVRAMBytes),
                "modelBytes": .integer(memory.modelBytes),
                "contextBytes": .integer(memory.contextBytes),
                "totalBytes": .integer(memory.totalBytes),
            ]),
            "passesGuardrails": .bool(passesGuardrails),
        ])
    }
}
