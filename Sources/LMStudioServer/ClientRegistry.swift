import LMStudioCore
import LMStudioWire
import Synchronization

/// Who is connected, and who may be.
final class ClientRegistry: Sendable {
    /// What the connections of one client share.
    private struct Client {
        var passkey: String
        var connections: Int
        let files: UploadedFiles
    }

    /// Admitted, with the client's files, or refused for a reason.
    enum Verdict: Sendable {
        case admitted(UploadedFiles)
        case refused(String)
    }

    /// Empty: anybody may come in.
    private let tokens: [Credentials]
    private let maximumFileBytes: Int
    private let clients = Mutex<[String: Client]>([:])

    /// Makes a registry without connections.
    ///
    /// - Throws: `.invalidArgument` for a token that is none; it is not repeated.
    init(tokens: [String], maximumFileBytes: Int) throws(LMStudioError) {
        var credentials: [Credentials] = []
        for token in tokens { credentials.append(try Credentials(token: token)) }
        self.tokens = credentials
        self.maximumFileBytes = maximumFileBytes
    }

    /// Lets a connection in, or not; one that is let in must be ``release(_:)``d.
    func admit(_ credentials: Credentials) -> Verdict {
        guard tokens.isEmpty || isToken(credentials) else {
            return .refused("Failed to validate client: Invalid API token")
        }
        let identifier = credentials.clientIdentifier
        return clients.withLock { clients in
            var client =
                clients[identifier]
                ?? Client(
                    passkey: credentials.clientPasskey,
                    connections: 0,
                    files: UploadedFiles(maximumBytes: maximumFileBytes)
                )
            guard Self.equal(client.passkey, credentials.clientPasskey) else {
                return .refused(
                    "Failed to validate client: Invalid client passkey for client \"\(identifier)\""
                )
            }
            client.connections += 1
            clients[identifier] = client
            return .admitted(client.files)
        }
    }

    /// A connection is closed; the client's last one takes its files with it.
    func release(_ credentials: Credentials) {
        clients.withLock { clients in
            guard var client = clients[credentials.clientIdentifier] else { return }
            client.connections -= 1
            clients[credentials.clientIdentifier] = client.connections == 0 ? nil : client
        }
    }

    /// Looks at all tokens, so that the time taken does not tell which one is nearly right.
    private func isToken(_ credentials: Credentials) -> Bool {
        var isOne = false
        for token in tokens {
            let fits = Self.equal(token.clientIdentifier, credentials.clientIdentifier)
            let opens = Self.equal(token.clientPasskey, credentials.clientPasskey)
            isOne = (fits && opens) || isOne
        }
        return isOne
    }

    /// Compares in a time that depends on the lengths only.
    private static func equal(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        var difference = a.count ^ b.count
        for index in 0..<min(a.count, b.count) { difference |= Int(a[index] ^ b[index]) }
        return difference == 0
    }
}
