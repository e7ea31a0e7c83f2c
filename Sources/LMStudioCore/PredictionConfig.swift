/// How text is predicted.
///
/// The defaults are LM Studio's.
public struct PredictionConfig: Sendable, Hashable {
    /// Most tokens to predict, ≥ 1; `nil`, the default: until the model ends, or as
    /// `contextOverflowPolicy` says.
    public var maxTokens: Int?
    /// Randomness, 0…100; default 0.8; 0 always takes the likeliest token.
    public var temperature: Double = 0.8
    /// Only the so many likeliest tokens are drawn from; default 40; ≤ 0: all.
    public var topK: Int = 40
    /// Only the likeliest tokens that together have this probability, 0…1; default 0.95; `nil`: all.
    public var topP: Double? = 0.95
    /// Only tokens at least this share as probable as the likeliest, 0…1; default 0.05; `nil`: all.
    public var minP: Double? = 0.05
    /// Divides the logits of the last 64 tokens, > 0; default 1.1; 1 or `nil`: none.
    public var repeatPenalty: Double? = 1.1
    /// Taken off the logits of the last 64 tokens, once each, −100…100; default `nil`: none.
    public var presencePenalty: Double?
    /// Taken off the logits of the last 64 tokens, times their count, −100…100; default `nil`: none.
    public var frequencyPenalty: Double?
    /// Only tokens about as surprising as the text so far lets expect, that together have this
    /// probability, 0…1; default `nil`: all.
    public var typicalP: Double?
    /// Chance that at a token the likeliest ones are left out, 0…1; default `nil`: none.
    public var xtcProbability: Double?
    /// Only tokens at least this probable are left out so, all but the least of them, 0…1; default 0.1.
    public var xtcThreshold: Double?
    /// Sampling by surprise; default `nil`: none.
    public var mirostat: Mirostat?
    /// Added to the logits of tokens, by their numbers, −1,000…1,000; −∞: never chosen.
    public var logitBias: [Int32: Double] = [:]
    /// Seed of the random draw, 0…4,294,967,295; `nil`: the load's seed, or another one each time.
    public var seed: UInt32?
    /// Texts that end the prediction when the model writes them; not part of the content.
    public var stopStrings: [String] = []
    /// What happens when the context is full; `nil`, the default: ``ContextOverflowPolicy/truncateMiddle``
    /// for chats, as in LM Studio, and ``ContextOverflowPolicy/stopAtLimit`` for completions, which
    /// often end no other way.
    public var contextOverflowPolicy: ContextOverflowPolicy?
    /// The form the answer must have; default `nil`: any.
    public var structured: StructuredOutput?
    /// How many candidates fragments tell at each token, 0…100, and with them each token's own number
    /// and probability; default `nil`: fragments tell no tokens.
    public var logProbs: Int?
    /// Threads to compute with, 1…512; no more than there are processors; `nil`:
    /// one for each physical core.
    public var cpuThreads: Int?
    /// System message of a chat that has none; default `nil`: none either.
    ///
    /// A chat's own system message stays as it is, and a completion has no use for this.
    public var systemPrompt: String?
    /// How a chat becomes text; default `nil`: by the model's own template.
    public var promptTemplate: PromptTemplate?
    /// How thinking is told from the answer; `nil`, the default: with `<think>` marks in answers to chats,
    /// not at all in completions.
    public var reasoningParsing: ReasoningParsing?
    /// Whether the template is to let the model think, if it can tell it so; `nil`, the default: if
    /// llama.cpp knows how the model does that.
    public var enableThinking: Bool?
    /// Tokens that thinking about the answer to a chat may take, 0…1,000,000, before it is ended with
    /// the mark after it; default `nil`: any number.
    public var reasoningBudget: Int?
    /// Tools that the model may call in its answer to a chat, at most 128; default: none.
    public var tools: [ToolDefinition] = []
    /// Whether, and which of the tools, it calls; default ``ToolChoice/auto``.
    public var toolChoice = ToolChoice.auto
    /// Texts that end the prediction with the stop reason `toolCalls`; not part of the content.
    public var toolCallStopStrings: [String] = []
    /// How tokens are guessed ahead; by default without a draft model.
    public var speculativeDecoding = SpeculativeDecoding()

    /// Options that have no property here: LM Studio's name → JSON text of the value.
    ///
    /// A server gets them as they are; ``ModelHost/review(_:)-(PredictionConfig)`` tells what another
    /// host makes of them.
    public var others: [String: String] = [:]
    /// Options that somebody asked for by name, though they may have the default value.
    ///
    /// A server is told of them: its own default may be another one.
    package var asked = AskedOptions()

    /// Makes a configuration of LM Studio's defaults.
    public init() {}

    /// Makes a configuration that differs from the defaults in the most frequent options.
    public init(
        maxTokens: Int? = nil,
        temperature: Double = 0.8,
        seed: UInt32? = nil,
        stopStrings: [String] = []
    ) {
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.seed = seed
        self.stopStrings = stopStrings
    }

    /// Refuses values outside their ranges.
    ///
    /// - Throws: `.invalidArgument` naming the option, the value and the range.
    package func validate() throws(LMStudioError) {
        try OptionRange.check("maxTokens", maxTokens, in: 1...Int(Int32.max))
        try OptionRange.check("temperature", temperature, in: 0...100)
        try OptionRange.check("topKSampling", topK, in: Int(Int32.min)...Int(Int32.max))
        try OptionRange.check("topPSampling", topP, in: 0...1)
        try OptionRange.check("minPSampling", minP, in: 0...1)
        try OptionRange.check("repeatPenalty", repeatPenalty, in: 1e-3...1e3)
        try OptionRange.check("presencePenalty", presencePenalty, in: -100...100)
        try OptionRange.check("frequencyPenalty", frequencyPenalty, in: -100...100)
        try OptionRange.check("locallyTypicalSampling", typicalP, in: 0...1)
        try OptionRange.check("xtcProbability", xtcProbability, in: 0...1)
        try OptionRange.check("xtcThreshold", xtcThreshold, in: 0...1)
        try mirostat?.validate()
        for (token, bias) in logitBias where bias != -.infinity {
            try OptionRange.check("logitBias of token \(token)", bias, in: -1000...1000)
        }
        try OptionRange.check("logProbs", logProbs, in: 0...100)
        try OptionRange.check("cpuThreads", cpuThreads, in: 1...512)
        try OptionRange.check("reasoningBudget", reasoningBudget, in: 0...1_000_000)
        try validateTools()
        try speculativeDecoding.validate()
        if stopStrings.contains("") || promptTemplate?.stopStrings.contains("") == true {
            throw LMStudioError(
                .invalidArgument,
                "stopStrings must not hold an empty string; leave it out"
            )
        }
        if let marks = reasoningParsing, marks.isEnabled,
            marks.startString.isEmpty || marks.endString.isEmpty
        {
            throw LMStudioError(
                .invalidArgument,
                "reasoningParsing needs a startString and an endString that are not empty"
            )
        }
    }
}

/// What happens when a prediction needs more tokens than the context has; the raw values are LM Studio's.
public enum ContextOverflowPolicy: String, Sendable, CaseIterable {
    /// The prediction ends; a prompt that is too long is refused.
    case stopAtLimit
    /// The first part of the prompt and the latest tokens stay, what lies between is forgotten.
    case truncateMiddle
    /// The latest tokens stay, and the very first few, which models lean on.
    case rollingWindow
}

/// Names of options; which were asked for makes no configuration another one.
package struct AskedOptions: Sendable, Hashable {
    /// LM Studio's names.
    package var names: Set<String> = []

    package init() {}

    package static func == (_: AskedOptions, _: AskedOptions) -> Bool { true }

    package func hash(into _: inout Hasher) {}
}

/// The check that numeric options share.
enum OptionRange {
    /// Refuses a number outside its range, which NaN always is; `nil` is never refused.
    ///
    /// - Throws: `.invalidArgument` naming the option, the value and the range.
    static func check<Value: Comparable>(
        _ name: String,
        _ value: Value?,
        in range: ClosedRange<Value>
    ) throws(LMStudioError) {
        guard let value, !range.contains(value) else { return }
        throw LMStudioError(
            .invalidArgument,
            "\(name) must be \(range.lowerBound)…\(range.upperBound), not \(value)"
        )
    }
}
