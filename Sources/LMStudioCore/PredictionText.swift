/// The text of a prediction, put together of its fragments.
package struct PredictionText: Sendable {
    /// All of it.
    package private(set) var content = ""
    /// The thinking; empty as long as there is none.
    package private(set) var reasoningContent = ""
    /// The answer, once something else came; until then it is all of the text.
    private var answer: String?

    /// Makes an empty text.
    package init() {}

    /// The answer, without the thinking and its marks.
    package var nonReasoningContent: String { answer ?? content }

    /// Adds a fragment.
    package mutating func append(_ fragment: PredictionFragment) {
        if fragment.reasoningType != .none, answer == nil { answer = content }
        content += fragment.content
        switch fragment.reasoningType {
        case .none: answer?.append(fragment.content)
        case .reasoning: reasoningContent += fragment.content
        case .reasoningStartTag, .reasoningEndTag: break
        }
    }
}
