/// Where models run: in this process, or on a server.
///
/// | text | means |
/// |---|---|
/// | `local:` or `local:DIR` | in this process, models in the model store or in DIR |
/// | `host`, `host:port`, `[IPv6]:port`, and these behind `ws://`, `wss://`, `http://`, `https://`, with or without a path | an LM Studio server; port 1234 unless given |
public enum HostAddress: Hashable, Sendable {
    /// In this process. `models` is the directory the models lie in; `nil`: the model store.
    case local(models: String?)
    /// An LM Studio server.
    case server(host: String, port: Int, path: String, isSecure: Bool)

    /// The port of a server whose address names none.
    public static let defaultPort = 1234

    /// Reads an address.
    ///
    /// - Parameter text: an address in one of the forms of the table above; letter case, spaces
    ///   around it and a trailing slash do not matter.
    /// - Throws: `.invalidArgument` if it is in none of them.
    public init(_ text: String) throws(LMStudioError) {
        let trimmed = text.trimmingSpaces()
        if let directory = trimmed.dropping(prefix: "local:") {
            self = .local(models: directory.isEmpty ? nil : String(directory))
            return
        }
        var rest = Substring(trimmed)
        var isSecure = false
        for (scheme, secure) in [
            ("ws://", false), ("http://", false), ("wss://", true), ("https://", true),
        ] {
            if let dropped = trimmed.dropping(prefix: scheme) {
                (rest, isSecure) = (dropped, secure)
            }
        }
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        var path = rest[end...]
        if authority.last == ":", path.dropFirst().first == "/" {
            throw Self.refusal(text, "\"\(authority)//\" is not a scheme of servers")
        }
        // Anywhere: a password may have a slash.
        guard !rest.contains("@") else {
            throw Self.refusal(text, "servers take no user before \"@\": leave it out")
        }
        while path.last == "/" { path = path.dropLast() }
        if let character = path.first(where: { !Self.isPathCharacter($0) }) {
            throw Self.refusal(
                text,
                "?#".contains(character)
                    ? "servers take no query or fragment: leave it out"
                    : "its path has \(String(character).quoted), which is to be written as %XX"
            )
        }
        let (host, port) = try Self.splitPort(authority, of: text)
        self = .server(host: host.lowercased(), port: port, path: String(path), isSecure: isSecure)
    }

    private static func splitPort(
        _ authority: Substring,
        of text: String
    ) throws(LMStudioError) -> (host: Substring, port: Int) {
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else {
                throw refusal(text, "\"]\" is missing")
            }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            let rest = authority[authority.index(after: bracket)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw refusal(text, "\(String(rest).quoted) follows \"]\"")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":"),
            !authority[authority.index(after: colon)...].contains(":")
        {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { throw refusal(text, "the host is missing") }
        let isLiteral = authority.first == "[" || host.contains(":")
        guard isLiteral ? isIPv6(host) : host.allSatisfy(isNameCharacter) else {
            throw refusal(text, "\(String(host).quoted) is not a host")
        }
        guard let port else { return (host, defaultPort) }
        guard port.allSatisfy(\.isASCIIDigit), let number = Int(port), (1...65535).contains(number)
        else {
            throw refusal(text, "the port must be 1…65535, not \(String(port).quoted)")
        }
        return (host, number)
    }

    private static func refusal(_ text: String, _ reason: String) -> LMStudioError {
        // What is before it may be a password.
        let shown = text.lastIndex(of: "@").map { "…\(text[$0...])" } ?? text
        return LMStudioError(
            .invalidArgument,
            "\(shown.quoted(upTo: 200)) is not an address: \(reason); give \"host:port\", a ws:// or "
                + "http:// URL, or \"local:\" for models in this process"
        )
    }

    /// What RFC 3986, section 3.3, allows as it is in a path, which goes into a request's first line.
    private static func isPathCharacter(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber
                || "/-._~%!$&'()*+,;=:@".contains(character))
    }

    /// Letters of any script, since names may be internationalized.
    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-._".contains(character)
    }

    /// Hexadecimal groups, perhaps an IPv4 end and a zone; the resolver knows the rest.
    private static func isIPv6(_ host: Substring) -> Bool {
        let address = host.prefix { $0 != "%" }
        return address.count(where: { $0 == ":" }) >= 2
            && address.allSatisfy { $0.isASCII && $0.isHexDigit || ":.".contains($0) }
            && host.dropFirst(address.count).allSatisfy { isNameCharacter($0) || $0 == "%" }
    }
}

extension HostAddress: CustomStringConvertible {
    /// The address in the form the initializer reads.
    public var description: String {
        switch self {
        case .local(let models):
            return "local:\(models ?? "")"
        case .server(let host, let port, let path, let isSecure):
            let name = host.contains(":") ? "[\(host)]" : host
            return "\(isSecure ? "wss" : "ws")://\(name):\(port)\(path)"
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}

extension String {
    /// The rest after a prefix, compared without regard to case; `nil` if it does not begin so.
    fileprivate func dropping(prefix: String) -> Substring? {
        self.prefix(prefix.count).lowercased() == prefix ? dropFirst(prefix.count) : nil
    }

    /// Without the white space around it.
    package func trimmingSpaces() -> String {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? endIndex
        return start < end ? String(self[start..<end]) : ""
    }
}
