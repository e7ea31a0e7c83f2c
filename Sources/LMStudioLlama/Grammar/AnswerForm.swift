import LMStudioCore
import Synchronization

/// What a structured prediction may write, ready for the engine.
struct AnswerForm: Sendable {
    let grammar: Grammar
    /// What of a schema the grammar does not see to, and what is odd in a grammar, for people.
    let notes: [String]
    /// The type that a schema names at its root; `nil`: none, or several.
    var type: String?

    /// Forms that were made lately: reviews and retries of a request ask for the same one.
    private static let lately = Mutex<[(output: StructuredOutput, form: AnswerForm)]>([])
    private static let latelyLimit = 32

    /// The form that some output stands for.
    ///
    /// It takes time and memory that `GrammarBuilder.sizeLimit`, `SchemaGrammar` and `GBNFParser`
    /// bound: a fraction of a second.
    ///
    /// - Throws: `.invalidArgument` naming what is wrong with the schema or grammar.
    static func of(_ output: StructuredOutput) throws(LMStudioError) -> AnswerForm {
        let known = lately.withLock { $0.first { $0.output == output }?.form }
        if let known { return known }
        let form = try make(output)
        lately.withLock { forms in
            forms.removeAll { $0.output == output }
            forms.insert((output, form), at: 0)
            if forms.count > latelyLimit { forms.removeLast() }
        }
        return form
    }

    /// Whether a form was made lately, so that asking for it takes no time.
    static func isKnown(_ output: StructuredOutput) -> Bool {
        lately.withLock { $0.contains { $0.output == output } }
    }

    private static func make(_ output: StructuredOutput) throws(LMStudioError) -> AnswerForm {
        switch output {
        case .json(schema: nil):
            var json = JSONGrammar()
            let value = try json.value()
            return AnswerForm(grammar: try json.finish(value), notes: [])
        case .json(let schema?):
            let (grammar, notes, type) = try SchemaGrammar.make(schema)
            return AnswerForm(grammar: grammar, notes: notes, type: type)
        case .grammar(let text):
            let (grammar, notes) = try GBNFParser.parse(text)
            return AnswerForm(grammar: grammar, notes: notes)
        }
    }
}
