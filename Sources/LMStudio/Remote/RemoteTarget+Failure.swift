import LMStudioCore
import LMStudioWire
import NIOCore
import NIOPosix
import NIOSSL

extension RemoteTarget {
    /// What went wrong while connecting.
    struct Failure: Error {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// The error for a failed connection: in words, without the names of what it was made with.
    func unreachable(_ error: any Error) -> LMStudioError {
        let connecting = error as? NIOConnectionError
        let cause =
            connecting?.connectionErrors.first?.error ?? connecting?.dnsAError
            ?? connecting?.dnsAAAAError ?? error
        return switch cause {
        case let cause as Failure: silent(cause.description)
        case let cause as IOError: silent(cause.words)
        case let cause as SocketAddressError.UnknownHost:
            silent(cause.errorDescription.lowercased())
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: silent(words(of: cause))
        case ChannelError.connectTimeout: silent(noAnswer)
        case is ChannelError: silent(closed)
        default: silent("its answer to the WebSocket handshake is wrong")
        }
    }

    /// BoringSSL's own text has the places in its sources.
    private func words(of failure: any Error) -> String {
        let text = "\(failure)"
        if text.hasPart("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is from an authority that is neither known nor in the CA file"
        }
        if failure is NIOSSLExtraError {
            return "its certificate is for another name than \(host)"
        }
        // The bytes of another protocol are taken for a version.
        if text.hasPart("WRONG_VERSION_NUMBER") { return "it does not speak TLS; give ws://" }
        return text.hasPart("EOF during handshake") ? closed : "the TLS handshake failed"
    }

    /// What to say of a server that hangs up, as many do that want TLS, or do not speak it.
    var closed: String {
        "the connection was closed at once; "
            + (tls == nil ? "if it wants TLS, give wss://" : "if it does not speak TLS, give ws://")
    }

    /// What to say of a server that keeps still.
    var noAnswer: String { "no answer within \(seconds) s" }

    /// The error for a server that does not let this client in.
    func refused(_ reason: String) -> LMStudioError {
        let hint =
            credentials.isGuest
            ? "if it wants an API token, give api_token or set LM_API_TOKEN" : "check the API token"
        return LMStudioError(.server, "Authentication failed: \(reason); \(hint)")
    }

    /// The error for a server that does not behave as one, for a reason in words.
    func silent(_ reason: String) -> LMStudioError {
        LMStudioError(
            .connection,
            "LM Studio is not reachable at \(name): \(reason). Is LM Studio running?"
        )
    }
}

extension IOError {
    /// The system's words; NIO's add what it was doing and the number.
    var words: String { SystemError.words(errnoCode).lowercased() }
}
