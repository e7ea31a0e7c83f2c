extension String {
    /// The text in quotation marks for an error message: on one line and not long, whatever it holds.
    var quoted: String {
        let limit = 80
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
