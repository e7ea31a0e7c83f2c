/// The form an answer must have: the model can write nothing else.
///
/// A prediction that `maxTokens` or the end of the context cuts short is a beginning of such an
/// answer.
public enum StructuredOutput: Sendable, Hashable {
    /// One JSON value that fits a JSON schema; `schema`, JSON text, `nil`: any JSON value.
    ///
    /// Members of objects are written in the order of the schema's `properties`.
    case json(schema: String? = nil)
    /// Text that a grammar in llama.cpp's GBNF describes, from its rule `root` on.
    case grammar(String)

    /// Whether two forms have the same text, byte for byte.
    public static func == (first: StructuredOutput, second: StructuredOutput) -> Bool {
        switch (first, second) {
        case (.json(let first?), .json(let second?)): first.isExactly(second)
        case (.json(nil), .json(nil)): true
        case (.grammar(let first), .grammar(let second)): first.isExactly(second)
        default: false
        }
    }
}
