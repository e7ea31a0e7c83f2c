import LMStudioCore

extension Chat {
    /// The files in the messages, in order.
    var files: [ChatFile] {
        messages.flatMap(\.content).compactMap { part in
            if case .file(let file) = part { file } else { nil }
        }
    }

    /// The chat with a text in place of each file, in the same part as the text around it.
    func marking(filesWith marker: String) -> Chat {
        var chat = self
        for index in chat.messages.indices {
            let content = chat.messages[index].content
            guard content.contains(where: { if case .file = $0 { true } else { false } }) else {
                continue
            }
            var text = ""
            var others: [ChatMessage.Part] = []
            // As llama.cpp puts the parts of a message together: a line for each text, unless an
            // image stands before it.
            for part in content {
                switch part {
                case .text(let piece):
                    text += (text.isEmpty || text.hasSuffix(marker) ? "" : "\n") + piece
                case .file: text += marker
                case .toolCallRequest, .toolCallResult: others.append(part)
                }
            }
            chat.messages[index].content = [.text(text)] + others
        }
        return chat
    }
}

extension PredictionConfig {
    /// Longest side of images, which larger ones are shrunk to; `nil`: any.
    ///
    /// - Throws: `.invalidArgument` for a number below 1.
    var maximumImageSide: Int? {
        get throws(LMStudioError) {
            guard let text = others["userMaxImageDimensionPixels"] else { return 1024 }
            guard text != "false" else { return nil }
            guard let side = Int(text), side >= 1 else {
                throw LMStudioError(
                    .invalidArgument,
                    "userMaxImageDimensionPixels must be a whole number ≥ 1, or false, not \(text)"
                )
            }
            return side
        }
    }
}
