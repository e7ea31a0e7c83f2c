public import LMStudioCore
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The way to the models, wherever they run.
///
/// ```swift
/// let client = try await LMStudioClient(local: .llama)
/// let model = try await client.llm.model()
/// print(try await model.complete("My name is"))
/// ```
public final class LMStudioClient: Sendable {
    private struct State {
        var host: (any ModelHost)?
        var channels: [OpenChannel] = []
        var pruneAt = 16
    }

    private struct OpenChannel {
        weak var channel: PredictionChannel?
    }

    private let state: Mutex<State>
    /// Where the models run.
    public let address: HostAddress

    /// Makes a client of any host.
    public init(host: any ModelHost) {
        address = host.address
        state = Mutex(State(host: host))
    }

    /// Makes a client of an address.
    ///
    /// - Parameters:
    ///   - address: in one of ``HostAddress``'s forms; `nil`: the `LMSTUDIO_HOST` environment variable,
    ///     else the automatic choice, which is the models in this process.
    ///   - local: makes the host in this process; without it, addresses that mean it are refused.
    /// - Throws: `.invalidArgument` if the address is none; `.unsupported` if it is a server's, which
    ///   this version cannot reach yet, or if it means this process and `local` is `nil`.
    public convenience init(
        _ address: String? = nil,
        local: InProcessHost? = nil,
        options: ClientOptions = ClientOptions()
    ) async throws(LMStudioError) {
        let given = address ?? getenv("LMSTUDIO_HOST").map { String(cString: $0) } ?? ""
        switch try given.isEmpty ? .local(models: nil) : HostAddress(given) {
        case .local(let models):
            guard let local else {
                throw LMStudioError(
                    .unsupported,
                    "there is no engine to run models in this process; pass local: .llama (product LMStudioLlama)"
                )
            }
            self.init(host: local.make(models))
        case .server:
            throw LMStudioError(
                .unsupported,
                "LM Studio is not reachable at \"\(given)\": this version runs models in its own process only; "
                    + "use \"local:\" or \"local:DIR\""
            )
        }
    }

    /// Gives `body` a client and closes it afterwards.
    ///
    /// - Parameters:
    ///   - address: as in `init(_:local:)`.
    ///   - local: as in `init(_:local:)`.
    ///   - body: uses the client.
    /// - Returns: what `body` returns.
    /// - Throws: what the initializer or `body` throws.
    public static func withConnection<Value>(
        to address: String? = nil,
        local: InProcessHost? = nil,
        _ body: (LMStudioClient) async throws -> Value
    ) async throws -> Value {
        let client = try await LMStudioClient(address, local: local)
        defer { client.close() }
        return try await body(client)
    }

    deinit {
        close()
    }

    /// Language models.
    public var llm: LLMNamespace { LLMNamespace(client: self) }

    /// Ends the client's predictions with `.cancelled`; later calls throw `.invalidState`.
    ///
    /// A host in this process goes, with its models, when its last client does.
    public func close() {
        let (host, channels) = state.withLock { state in
            defer { state = State(host: nil) }
            return (state.host, state.channels)
        }
        for open in channels { open.channel?.abandon("the client was closed") }
        withExtendedLifetime(host) {}
    }

    /// The host, while the client is open.
    package func host() throws(LMStudioError) -> any ModelHost {
        guard let host = state.withLock({ $0.host }) else { throw Self.closed }
        return host
    }

    /// Starts a prediction that `close()` ends.
    package func start(
        _ request: PredictionRequest,
        into channel: PredictionChannel
    ) throws(LMStudioError) {
        let host = state.withLock { state -> (any ModelHost)? in
            guard let host = state.host else { return nil }
            if state.channels.count >= state.pruneAt {
                state.channels.removeAll { $0.channel == nil }
                state.pruneAt = max(16, state.channels.count * 2)
            }
            state.channels.append(OpenChannel(channel: channel))
            return host
        }
        guard let host else { throw Self.closed }
        host.predict(request, into: channel)
    }

    private static let closed = LMStudioError(.invalidState, "the client is closed; make a new one")
}
