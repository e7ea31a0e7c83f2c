import LMStudioCore

/// What a prediction's grammar is, and when it begins.
struct AnswerPlan: Sendable {
    /// What the answer, or the calls, may be.
    var output: StructuredOutput
    /// What it waits for; none: it begins at once.
    var triggers: [AnswerGrammar.Trigger] = []
    /// Text that the grammar's texts begin with and that the prompt has.
    var prefix = ""
    /// Whether the model thinks before.
    var thinking = Thinking.none

    /// How a model comes to think before it answers.
    enum Thinking: Sendable, Equatable {
        case none
        /// The prompt has begun it.
        case begun
        /// Its first token may be this one, which begins it.
        case possible(Int32)
    }
}
