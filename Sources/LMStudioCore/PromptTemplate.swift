/// How a chat becomes the text that a model continues.
public struct PromptTemplate: Sendable, Hashable {
    /// What turns the messages into text.
    public var form: Form
    /// Texts that end the prediction beside the configuration's own.
    public var stopStrings: [String]

    /// What turns the messages into text.
    public enum Form: Sendable, Hashable {
        /// A Jinja template, as model files hold one.
        case jinja(String)
        /// Texts around each message.
        case manual(Manual)
    }

    /// Texts that stand before and after the text of a message, by its role; all empty by default.
    public struct Manual: Sendable, Hashable {
        /// Before a system message.
        public var beforeSystem = ""
        /// After a system message.
        public var afterSystem = ""
        /// Before a user message, and a tool's result.
        public var beforeUser = ""
        /// After a user message, and a tool's result.
        public var afterUser = ""
        /// Before an answer, and at the end of the prompt.
        public var beforeAssistant = ""
        /// After an answer.
        public var afterAssistant = ""

        /// Makes texts that add nothing.
        public init() {}
    }

    /// Makes a template.
    public init(_ form: Form, stopStrings: [String] = []) {
        self.form = form
        self.stopStrings = stopStrings
    }
}

/// What `applyPromptTemplate` leaves out or adds; the defaults are those of `respond`.
public struct PromptTemplateOptions: Sendable, Hashable {
    /// Whether the token that texts begin with is left out at the start; default `false`.
    public var omitBOSToken: Bool
    /// Whether the token that texts end with is left out at the end; default `false`.
    public var omitEOSToken: Bool
    /// Tools that the model is told of; default none.
    public var tools: [ToolDefinition]

    /// Makes options.
    public init(
        omitBOSToken: Bool = false,
        omitEOSToken: Bool = false,
        tools: [ToolDefinition] = []
    ) {
        self.omitBOSToken = omitBOSToken
        self.omitEOSToken = omitEOSToken
        self.tools = tools
    }
}

/// How the model's thinking is told from its answer.
public struct ReasoningParsing: Sendable, Hashable {
    /// Whether it is at all; default `true`.
    public var isEnabled: Bool
    /// The mark before the thinking, not empty; default `<think>`.
    public var startString: String
    /// The mark after the thinking, not empty; default `</think>`.
    public var endString: String

    /// Makes a setting.
    public init(
        isEnabled: Bool = true,
        startString: String = "<think>",
        endString: String = "</think>"
    ) {
        self.isEnabled = isEnabled
        self.startString = startString
        self.endString = endString
    }
}
