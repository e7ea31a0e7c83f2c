/// The text of a prediction, put together of its fragments.
package struct PredictionText: Sendable {
    /// All of it.
    package private(set) var content = ""
    /// The thinking; empty as long as there is none.
    package private(set) var reasoningContent = ""
    /// The calls of tools that are complete.
    package private(set) var toolCalls: [ToolCallRequest] = []
    /// The answer, once something else came; until then it is all of the text.
    private var answer: String?

    /// Makes an empty text.
    package init() {}

    /// The answer, without the thinking and its marks.
    package var nonReasoningContent: String { answer ?? content }

    /// Adds what an event brings.
    package mutating func append(_ event: PredictionEvent) {
        switch event {
        case .fragment(let fragment): append(fragment)
        case .toolCall(.ended(let request, _)): toolCalls.append(request)
        case .promptProgress, .firstToken, .toolCall: break
        }
    }

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
