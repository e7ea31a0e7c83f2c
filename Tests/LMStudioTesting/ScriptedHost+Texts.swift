package import LMStudioCore

// What texts and chats become.
extension ScriptedHost {
    /// The script's tokens.
    package func tokenize(
        _ text: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [Int32] {
        try note {
            $0.models.append(model)
            $0.texts.append(text)
        }
        return script.tokens
    }

    /// The texts of the messages, each in brackets, between what the options leave.
    package func applyPromptTemplate(
        _ chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> String {
        try note {
            $0.models.append(model)
            $0.chats.append(chat)
            $0.templateOptions.append(options)
        }
        return chat.messages.map { "[\($0.text)]" }.joined()
    }

    /// The script's vector, for each text.
    package func embed(
        _ texts: [String],
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [[Float]] {
        try note {
            $0.models.append(model)
            $0.texts += texts
        }
        return texts.map { _ in script.vector }
    }
}
