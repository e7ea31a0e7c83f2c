package import LMStudioCore

extension LoadConfig {
    /// What is otherwise in the configuration in effect than this one asks for.
    ///
    /// - Parameter effective: how the model is loaded, as its host tells.
    /// - Returns: a clause for each such option, sorted by name: `contextLength is 4096, not 8192`.
    package func differences(from effective: LoadConfig) -> [String] {
        let told = effective.values
        return values.sorted { $0.key < $1.key }.compactMap { name, asked in
            guard let value = told[name] else {
                return "\(name) is not told, \(asked.brief) was wanted"
            }
            return asked.isSame(as: value) ? nil : "\(name) is \(value.brief), not \(asked.brief)"
        }
    }
}

extension JSONValue {
    /// Whether the other value is equal, whole numbers with or without a point.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        if let double { return double == other.double }
        return text == other.text
    }

    /// The value for a message: of a long one the beginning.
    fileprivate var brief: String {
        let limit = 60
        return text.count > limit ? "\(text.prefix(limit))…" : text
    }
}
