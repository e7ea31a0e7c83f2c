import LMStudioCore

extension SpeculativeDecoding {
    private static let exact = "speculativeDecodingNumDraftTokensExact"
    private static let least = "speculativeDecodingMinDraftLengthToConsider"
    private static let probability = "speculativeDecodingMinContinueDraftingProbability"
    private static let most = "speculativeDecodingMaxTokensToDraft"

    /// Takes its options; an empty name stands for no draft model.
    mutating func take(_ values: inout OptionValues) {
        if let name = values.take("draftModel")?.string { draftModel = name == "" ? nil : name }
        if let value = values.integer(Self.exact) { numDraftTokensExact = value }
        if let value = values.integer(Self.least) { minDraftLengthToConsider = value }
        if let value = values.number(Self.probability) { minContinueDraftingProbability = value }
        if let value = values.integer(Self.most) { maxTokensToDraft = value }
    }

    /// Values of options by name.
    var values: [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        values["draftModel"] = draftModel.map { .string($0) }
        values[Self.exact] = numDraftTokensExact.map { .whole($0) }
        values[Self.least] = minDraftLengthToConsider.map { .whole($0) }
        values[Self.probability] = minContinueDraftingProbability.map { .number($0) }
        values[Self.most] = maxTokensToDraft.map { .whole($0) }
        return values
    }
}

extension DraftStats {
    /// Reads what a statistics object tells of guesses; `nil` if that is nothing.
    init?(json: JSONValue) {
        let model = json["usedDraftModelKey"]?.string
        let accepted = json["acceptedDraftTokensCount"]?.count
        let rejected = json["rejectedDraftTokensCount"]?.count
        let ignored = json["ignoredDraftTokensCount"]?.count
        guard model != nil || accepted != nil || rejected != nil || ignored != nil else {
            return nil
        }
        self.init(
            modelKey: model,
            acceptedCount: accepted ?? 0,
            rejectedCount: rejected ?? 0,
            ignoredCount: ignored ?? 0
        )
    }

    /// The members of a statistics object.
    var members: [String: JSONValue?] {
        [
            "usedDraftModelKey": modelKey.map { .string($0) },
            "totalDraftTokensCount": .whole(totalCount),
            "acceptedDraftTokensCount": .whole(acceptedCount),
            "rejectedDraftTokensCount": .whole(rejectedCount),
            "ignoredDraftTokensCount": .whole(ignoredCount),
        ]
    }
}
