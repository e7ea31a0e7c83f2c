/// What to predict, with which model, and how.
public struct PredictionRequest: Sendable, Hashable {
    /// The instance.
    public var model: ModelSpecifier
    /// What the model continues.
    public var input: Input
    /// How.
    public var config: PredictionConfig {
        get { boxedConfig.value }
        set { boxedConfig = Box(newValue) }
    }
    /// Name of a preset whose options lie beneath `config`; `nil`: none.
    public var preset: String?
    private var boxedConfig: Box<PredictionConfig>

    /// What a model continues.
    public enum Input: Sendable, Hashable {
        /// Text as it is, without a template.
        case text(String)
        /// A chat, which the model's template makes text of.
        case chat(Chat)
    }

    /// Makes a request.
    public init(
        model: ModelSpecifier,
        input: Input,
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil
    ) {
        self.model = model
        self.input = input
        boxedConfig = Box(config)
        self.preset = preset
    }
}
