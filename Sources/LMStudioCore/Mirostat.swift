/// Sampling that keeps the surprise of the text near a target; top-K, top-P and the like then rest.
public struct Mirostat: Sendable, Hashable {
    /// The algorithm, 1 or 2.
    public var version: Int
    /// How fast it follows the text, 0…1; default 0.1.
    public var learningRate: Double
    /// Surprise to keep to, bits, 0…100; default 5.
    public var targetEntropy: Double

    /// Makes a setting.
    public init(version: Int = 2, learningRate: Double = 0.1, targetEntropy: Double = 5) {
        self.version = version
        self.learningRate = learningRate
        self.targetEntropy = targetEntropy
    }

    func validate() throws(LMStudioError) {
        try OptionRange.check("mirostatSampling.version", version, in: 1...2)
        try OptionRange.check("mirostatSampling.learningRate", learningRate, in: 0...1)
        try OptionRange.check("mirostatSampling.targetEntropy", targetEntropy, in: 0...100)
    }
}
