package import LMStudioCore

extension LMStudioError {
    /// Reads the error object of an `rpcError`, a `channelError` or a message of a prediction.
    ///
    /// - Parameters:
    ///   - json: the object, or a text that is its title; anything missing or of the wrong type in it
    ///     counts as absent.
    ///   - code: what kind of failure it is; `nil`: the display code tells.
    package init(serverError json: JSONValue, _ code: Code? = nil) {
        var members = json.members ?? json.string.map { ["title": .string($0)] } ?? [:]
        members["stack"] = nil
        let details = LMStudioErrorDetails(
            title: members["title"]?.string ?? members["rootTitle"]?.string ?? "Unknown error",
            cause: members["cause"]?.string,
            suggestion: members["suggestion"]?.string,
            display: members["displayData"].flatMap {
                LMStudioErrorDetails.DisplayData(json: $0)
            },
            json: JSONValue.object(members).text
        )
        self.init(
            code ?? details.display?.code ?? .server,
            details.line(rootTitle: members["rootTitle"]?.string),
            details: details
        )
    }

    /// The error object of an `rpcError` or `channelError`.
    ///
    /// What a server behind this one said is passed on whole; of our own failures the title is the
    /// message, which says what to try.
    package var serverError: JSONValue {
        let isRemote = details.map { !$0.json.isEmpty } ?? false
        let title = isRemote ? details?.title ?? description : description
        var members: [String: JSONValue] = [:]
        if let json = details?.json, !json.isEmpty,
            let original = try? JSONValue(parsing: json, as: "error")
        {
            members = original.members ?? [:]
        }
        members["title"] = .string(title)
        members["rootTitle"] = members["rootTitle"] ?? .string(title)
        members["cause"] = details?.cause.map { .string($0) }
        members["suggestion"] = details?.suggestion.map { .string($0) }
        members["displayData"] = members["displayData"] ?? details?.display?.json
        return .object(members)
    }
}

extension LMStudioErrorDetails {
    /// Everything worth telling, in one line.
    fileprivate func line(rootTitle: String?) -> String {
        var parts: [String] = []
        if let rootTitle, rootTitle != title { parts.append(rootTitle) }
        parts.append(title)
        if let cause { parts.append(cause) }
        if let names = display?.names(besides: title + (cause ?? "") + (suggestion ?? "")) {
            parts.append(names)
        }
        var line = parts.map(Self.flat).joined(separator: ": ")
        if let suggestion { line += "; " + Self.flat(suggestion) }
        return line
    }

    /// Text without line breaks and without what ends a sentence.
    private static func flat(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.last == "." ? String(words.dropLast()) : words
    }
}
