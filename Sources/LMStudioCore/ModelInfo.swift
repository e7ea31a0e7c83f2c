/// What a model is for.
public enum ModelDomain: String, Sendable, CaseIterable {
    /// Completes and answers text.
    case llm
    /// Turns text into vectors.
    case embedding
}

/// A model on disk, as read from its file without loading it.
public struct ModelInfo: Sendable, Hashable {
    /// What it is for.
    public var domain: ModelDomain
    /// The name to ask for it by, such as `smollm2-135m-instruct`.
    public var modelKey: String
    /// The file format: `gguf`.
    public var format: String
    /// The name to show, such as `SmolLM2 135M Instruct`.
    public var displayName: String
    /// Who published it; the first part of the path.
    public var publisher: String
    /// Path in the model store, `publisher/repository/file`.
    public var path: String
    /// Size of all its files, bytes.
    public var sizeBytes: Int64
    /// Number of parameters for people, such as `135M`; `nil` if the file does not say.
    public var parameters: String?
    /// The architecture's name in the GGUF file, such as `llama`.
    public var architecture: String?
    /// How the weights are stored; `nil` if the file does not say.
    public var quantization: Quantization?
    /// Longest context the model was trained for, tokens.
    public var maxContextLength: Int
    /// Whether the file holds a chat template.
    public var hasChatTemplate: Bool
    /// Whether it takes images.
    public var vision: Bool
    /// Whether its chat template knows tools.
    public var trainedForToolUse: Bool

    /// How weights are stored.
    public struct Quantization: Sendable, Hashable {
        /// The name of the file type, such as `Q4_1`.
        public var name: String
        /// Bits a weight takes, rounded down, 1…32.
        public var bits: Int

        /// Makes a description of a quantization.
        public init(name: String, bits: Int) {
            self.name = name
            self.bits = bits
        }
    }

    /// Makes a description of a model.
    public init(
        domain: ModelDomain,
        modelKey: String,
        format: String = "gguf",
        displayName: String,
        publisher: String,
        path: String,
        sizeBytes: Int64,
        parameters: String? = nil,
        architecture: String? = nil,
        quantization: Quantization? = nil,
        maxContextLength: Int,
        hasChatTemplate: Bool = false,
        vision: Bool = false,
        trainedForToolUse: Bool = false
    ) {
        self.domain = domain
        self.modelKey = modelKey
        self.format = format
        self.displayName = displayName
        self.publisher = publisher
        self.path = path
        self.sizeBytes = sizeBytes
        self.parameters = parameters
        self.architecture = architecture
        self.quantization = quantization
        self.maxContextLength = maxContextLength
        self.hasChatTemplate = hasChatTemplate
        self.vision = vision
        self.trainedForToolUse = trainedForToolUse
    }
}

/// A loaded model.
public struct ModelInstanceInfo: Sendable, Hashable {
    /// The model it was loaded from.
    public var model: ModelInfo
    /// The name it goes by while loaded.
    public var identifier: String
    /// Names this very load: another load of the same identifier has another one.
    public var instanceReference: String
    /// The context it was loaded with, tokens.
    public var contextLength: Int
    /// Idle time after which it is unloaded; `nil`: it stays.
    public var timeToLive: Duration?
    /// When it was last used, milliseconds since 1970 in UTC; `nil`: not known, or not yet.
    public var lastUsedMilliseconds: Int64?

    /// Makes a description of an instance.
    public init(
        model: ModelInfo,
        identifier: String,
        instanceReference: String,
        contextLength: Int,
        timeToLive: Duration? = nil,
        lastUsedMilliseconds: Int64? = nil
    ) {
        self.model = model
        self.identifier = identifier
        self.instanceReference = instanceReference
        self.contextLength = contextLength
        self.timeToLive = timeToLive
        self.lastUsedMilliseconds = lastUsedMilliseconds
    }
}
