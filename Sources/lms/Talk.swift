import LMStudio

/// A chat with somebody at a terminal.
struct Talk {
    private let llm: LLM
    private let config: PredictionConfig
    private let answer: Answer
    private var chat: LMStudio.Chat
    /// Images of the next message.
    private var files: [ChatFile]

    init(
        _ llm: LLM,
        _ config: PredictionConfig,
        system: String?,
        files: [ChatFile],
        _ answer: Answer
    ) {
        (self.llm, self.config, self.answer, self.files) = (llm, config, answer, files)
        chat = LMStudio.Chat(system.map { [.system($0)] } ?? [])
    }

    /// Answers a line at a time, until there are no more.
    mutating func run() async throws {
        Output.error.write("> ")
        while let line = readLine() {
            if line.contains(where: { !$0.isWhitespace }) {
                do throws(LMStudioError) {
                    _ = try await isStopped(saying: line)
                } catch {
                    // The talk goes on: without the message that has no answer.
                    Output.error.line("error: \(error)")
                }
            }
            Output.error.write("> ")
        }
        Output.error.write("\n")
    }

    /// Answers a message; Ctrl-C stops the answer, and what there is of it counts.
    ///
    /// - Returns: whether it was stopped.
    mutating func isStopped(saying message: String) async throws(LMStudioError) -> Bool {
        var asked = chat
        asked.append(ChatMessage(role: .user, content: [.text(message)] + files.map { .file($0) }))
        let (result, isStopped) = try await answer.write {
            [llm, config, asked] callbacks throws(LMStudioError) in
            try llm.respondStream(asked, config: config, callbacks: callbacks)
        }
        asked.append(.assistant(result.nonReasoningContent))
        (chat, files) = (asked, [])
        return isStopped
    }
}
