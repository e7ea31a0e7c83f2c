/// A token that was predicted, and how likely the model held it to be.
public struct PredictedToken: Sendable, Hashable {
    /// Its number in the model's vocabulary.
    public var id: Int32
    /// Its text; bytes that are only a part of a character are U+FFFD.
    public var text: String
    /// Natural logarithm of its probability, ≤ 0.
    ///
    /// It is the model's own: penalties, temperature, grammars and other options do not change it.
    public var logProb: Double
    /// The likeliest tokens at this place, likeliest first; as many as `logProbs` asked for.
    public var candidates: [Candidate]

    /// A token that could have been predicted.
    public struct Candidate: Sendable, Hashable {
        /// Its number in the model's vocabulary.
        public var id: Int32
        /// Its text; bytes that are only a part of a character are U+FFFD.
        public var text: String
        /// Natural logarithm of its probability, ≤ 0.
        public var logProb: Double

        /// Makes a candidate.
        public init(id: Int32, text: String, logProb: Double) {
            self.id = id
            self.text = text
            self.logProb = logProb
        }
    }

    /// Makes a token.
    public init(id: Int32, text: String, logProb: Double, candidates: [Candidate] = []) {
        self.id = id
        self.text = text
        self.logProb = logProb
        self.candidates = candidates
    }
}
