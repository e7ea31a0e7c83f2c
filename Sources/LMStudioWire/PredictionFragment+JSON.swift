package import LMStudioCore

extension PredictionFragment {
    /// Reads LM Studio's fragment object.
    ///
    /// A reasoning type that this version does not know is taken for the answer: no text is lost.
    ///
    /// - Returns: `nil` if there is no text.
    package init?(json: JSONValue) {
        guard let content = json["content"]?.string else { return nil }
        self.init(
            content: content,
            tokensCount: max(json["tokensCount"]?.count ?? 0, 0),
            containsDrafted: json["containsDrafted"]?.bool ?? false,
            reasoningType: json["reasoningType"]?.string.flatMap { ReasoningType(rawValue: $0) }
                ?? .none,
            tokens: json["tokens"]?.elements?.compactMap { PredictedToken(json: $0) } ?? []
        )
    }

    /// Its tokens as JSON text: an array of LM Studio's token objects.
    package var tokensJSON: String { JSONValue.array(tokens.map(\.json)).text }

    /// LM Studio's fragment object.
    package var json: JSONValue {
        .present([
            "content": .string(content),
            "tokensCount": .whole(tokensCount),
            "containsDrafted": .bool(containsDrafted),
            "reasoningType": .string(reasoningType.rawValue),
            "isStructural": .bool(reasoningType.isTag),
            "tokens": tokens.isEmpty ? nil : .array(tokens.map(\.json)),
        ])
    }
}

extension PredictionFragment.ReasoningType {
    /// Whether it is a mark around the thinking, which LM Studio calls structural.
    var isTag: Bool { self == .reasoningStartTag || self == .reasoningEndTag }
}

extension PromptProgress {
    /// Reads the details of LM Studio's `promptProcessingProgress`; `nil` without a total.
    package init?(json: JSONValue) {
        guard let total = json["totalPromptTokenCount"]?.count else { return nil }
        self.init(
            cachedTokensCount: json["cachedTokenCount"]?.count ?? 0,
            processedTokensCount: json["processedPromptTokenCount"]?.count ?? 0,
            totalTokensCount: total
        )
    }

    /// The details of LM Studio's `promptProcessingProgress`, all four of them.
    package var json: JSONValue {
        .object([
            "cachedTokenCount": .whole(cachedTokensCount),
            "totalPromptTokenCount": .whole(totalTokensCount),
            "processedPromptTokenCount": .whole(processedTokensCount),
            "unprocessedPromptTokenCount": .whole(
                max(totalTokensCount - cachedTokensCount - processedTokensCount, 0)
            ),
        ])
    }
}
