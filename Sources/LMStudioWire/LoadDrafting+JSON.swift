import LMStudioCore

extension LoadDrafting {
    private static let simple = "speculativeDraftSimple"
    private static let heads = "speculativeDraftMtp"
    private static let name = "speculativeDraftModel"
    private static let most = "speculativeDraftMaxTokens"
    private static let least = "speculativeDraftMinTokens"
    private static let probability = "speculativeDraftMinContinueProbability"

    /// Takes its options; an empty name stands for no draft model.
    mutating func take(_ values: inout OptionValues) {
        if let value = values.take(Self.simple) { isSimple = value.bool }
        if let value = values.take(Self.heads) { usesOwnHeads = value.bool }
        if let name = values.take(Self.name)?.string { model = name == "" ? nil : name }
        if let value = values.integer(Self.most) { maxTokens = value }
        if let value = values.integer(Self.least) { minTokens = value }
        if let value = values.number(Self.probability) { minContinueProbability = value }
    }

    /// Values of options by name.
    var values: [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        values[Self.simple] = isSimple.map { .bool($0) }
        values[Self.heads] = usesOwnHeads.map { .bool($0) }
        values[Self.name] = model.map { .string($0) }
        values[Self.most] = maxTokens.map { .whole($0) }
        values[Self.least] = minTokens.map { .whole($0) }
        values[Self.probability] = minContinueProbability.map { .number($0) }
        return values
    }
}
