package import LMStudioCore

/// Who a client says it is: the first frame of every connection.
package struct Credentials: Sendable, Hashable {
    /// At most 256 characters.
    package var clientIdentifier: String
    /// At most 256 characters.
    package var clientPasskey: String

    package init(clientIdentifier: String, clientPasskey: String) {
        self.clientIdentifier = clientIdentifier
        self.clientPasskey = clientPasskey
    }

    /// Somebody without a token; other ones each time.
    package static func guest() -> Credentials {
        Credentials(clientIdentifier: guestPrefix + random(), clientPasskey: random())
    }

    private static let guestPrefix = "guest:"

    /// Whether it is somebody without a token.
    package var isGuest: Bool { clientIdentifier.hasPrefix(Self.guestPrefix) }

    private static func random() -> String {
        (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
    }

    /// The parts of `sk-lm-` + 8 + `:` + 20 letters or digits.
    ///
    /// - Throws: `.invalidArgument` for any other text; the message does not repeat it.
    package init(token: String) throws(LMStudioError) {
        let parts =
            token.hasPrefix("sk-lm-")
            ? token.dropFirst(6).split(separator: ":", omittingEmptySubsequences: false) : []
        func isPlain(_ part: Substring, _ count: Int) -> Bool {
            part.utf8.count == count
                && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        guard parts.count == 2, isPlain(parts[0], 8), isPlain(parts[1], 20) else {
            throw LMStudioError(
                .invalidArgument,
                "the API token is not of the form sk-lm-xxxxxxxx:xxxxxxxxxxxxxxxxxxxx "
                    + "(8 and 20 letters or digits); copy it again from LM Studio's settings"
            )
        }
        self.init(clientIdentifier: String(parts[0]), clientPasskey: String(parts[1]))
    }

    /// Reads a client's first frame; `nil` if it is none.
    package init?(_ json: JSONValue) {
        guard case .object(let members) = json, members["authVersion"]?.int == 1,
            let identifier = members["clientIdentifier"]?.string, identifier.count <= 256,
            let passkey = members["clientPasskey"]?.string, passkey.count <= 256
        else { return nil }
        self.init(clientIdentifier: identifier, clientPasskey: passkey)
    }

    /// The client's first frame.
    package var json: JSONValue {
        .object([
            "authVersion": .integer(1), "clientIdentifier": .string(clientIdentifier),
            "clientPasskey": .string(clientPasskey),
        ])
    }
}
