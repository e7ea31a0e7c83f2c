/// What a producer says at the end of a prediction.
public struct PredictionSummary: Sendable, Hashable {
    /// Counts, times and the reason for the end.
    public var stats: PredictionStats
    /// The instance that made it.
    public var modelInfo: ModelInstanceInfo {
        get { boxedInfo.value }
        set { boxedInfo = Box(newValue) }
    }
    /// How that instance was loaded, defaults filled in.
    public var loadConfig: LoadConfig {
        get { boxedLoad.value }
        set { boxedLoad = Box(newValue) }
    }
    /// What the prediction was made with, defaults filled in.
    public var predictionConfig: PredictionConfig {
        get { boxedPrediction.value }
        set { boxedPrediction = Box(newValue) }
    }
    private var boxedInfo: Box<ModelInstanceInfo>
    private var boxedLoad: Box<LoadConfig>
    private var boxedPrediction: Box<PredictionConfig>

    /// Makes a summary.
    public init(
        stats: PredictionStats,
        modelInfo: ModelInstanceInfo,
        loadConfig: LoadConfig,
        predictionConfig: PredictionConfig
    ) {
        self.stats = stats
        boxedInfo = Box(modelInfo)
        boxedLoad = Box(loadConfig)
        boxedPrediction = Box(predictionConfig)
    }
}

/// A finished prediction: its text and how it came about.
public struct PredictionResult: Sendable, Hashable {
    /// The whole text, the thinking and its marks included.
    public var content: String
    /// The model's thinking, without the marks around it; empty if there is none.
    public var reasoningContent: String
    /// The answer: what is neither thinking nor a mark around it.
    public var nonReasoningContent: String
    /// The calls of tools that are complete, in order; what was written for them is not in `content`.
    public var toolCalls: [ToolCallRequest]
    /// Counts, times and the reason for the end.
    public var stats: PredictionStats {
        get { summary.stats }
        set { summary.stats = newValue }
    }
    /// The instance that made it.
    public var modelInfo: ModelInstanceInfo {
        get { summary.modelInfo }
        set { summary.modelInfo = newValue }
    }
    /// How that instance was loaded, defaults filled in.
    public var loadConfig: LoadConfig {
        get { summary.loadConfig }
        set { summary.loadConfig = newValue }
    }
    /// What the prediction was made with, defaults filled in.
    public var predictionConfig: PredictionConfig {
        get { summary.predictionConfig }
        set { summary.predictionConfig = newValue }
    }
    /// The host that made it: after an automatic choice, what was chosen; `nil` if no client asked for it.
    public var address: HostAddress?
    /// What its producer said at the end.
    package var summary: PredictionSummary

    init(text: PredictionText, summary: PredictionSummary, address: HostAddress?) {
        content = text.content
        reasoningContent = text.reasoningContent
        nonReasoningContent = text.nonReasoningContent
        toolCalls = text.toolCalls
        self.summary = summary
        self.address = address
    }
}

extension PredictionResult: CustomStringConvertible {
    /// The text.
    public var description: String { content }
}
