import LMStudioCore

@testable import LMStudioLlama

extension Grammar {
    /// How a text stands to a grammar.
    enum Fit: String {
        /// It is one of its texts.
        case whole
        /// It is the beginning of one.
        case begun
        /// It is neither.
        case unfit
    }

    /// Tries a text, byte by byte.
    func fit(_ text: String) throws -> Fit {
        let cursor = GrammarCursor(try GrammarMachine(self))
        for byte in text.utf8 {
            guard try cursor.accept([byte]) else { return .unfit }
        }
        return cursor.mayEnd ? .whole : .begun
    }
}
