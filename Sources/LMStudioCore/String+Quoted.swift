extension String {
    /// The text in quotation marks for a message: on one line and not long, whatever it holds.
    package var quoted: String { quoted(upTo: 80) }

    /// The same with another bound, in scalars.
    package func quoted(upTo limit: Int) -> String {
        let scalars = unicodeScalars.prefix(limit).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format:
                scalar.escaped(asASCII: true)
            default: String(scalar)
            }
        }
        let isLonger = unicodeScalars.dropFirst(limit).first != nil
        return "\"\(scalars.joined())\(isLonger ? "…" : "")\""
    }
}
