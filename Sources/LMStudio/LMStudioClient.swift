public import LMStudioCore
import LMStudioWire
import Synchronization

/// The way to the models, wherever they run.
///
/// ```swift
/// let client = try await LMStudioClient(local: .llama)
/// let model = try await client.llm.model()
/// print(try await model.complete("My name is"))
/// ```
public final class LMStudioClient: Sendable {
    private struct State: ~Copyable {
        var host: (any ModelHost)?
        var channels: [OpenChannel] = []
        var pruneAt = 16
    }

    private struct OpenChannel {
        weak var channel: PredictionChannel?
    }

    private let state: Mutex<State>
    /// Where the models run; after an automatic choice, what was chosen.
    public let address: HostAddress
    private let timeouts: Timeouts
    /// The user's files, for hosts that do not keep them.
    let files = UploadedFiles(maximumBytes: maximumFileBytes)
    /// Whether the host is this client's own, to be closed with it.
    private let ownsHost: Bool

    private init(_ host: any ModelHost, timeouts: Timeouts, ownsHost: Bool) {
        address = host.address
        self.timeouts = timeouts
        self.ownsHost = ownsHost
        state = Mutex(State(host: host))
    }

    /// Makes a client of any host.
    ///
    /// - Parameters:
    ///   - host: where the models run; it stays open when the client is closed.
    ///   - timeouts: for calls that name none of their own.
    public convenience init(host: any ModelHost, timeouts: Timeouts = Timeouts()) {
        self.init(host, timeouts: timeouts, ownsHost: false)
    }

    /// Makes a client of an address.
    ///
    /// An address that is given is not asked whether a server is there: the first call finds out.
    ///
    /// - Parameters:
    ///   - address: in one of ``HostAddress``'s forms; `nil` or empty: the `LMSTUDIO_HOST` environment
    ///     variable, else the automatic choice, which is a server that answers on this computer within
    ///     250 ms, else the models in this process.
    ///   - local: makes the host in this process; without it, addresses that mean it are refused.
    ///   - options: token, certificates and timeouts.
    /// - Throws: `.invalidArgument` if the address or the token is none; `.unsupported` if the address
    ///   means this process and `local` is `nil`; `.connection` if there is neither an address, nor a
    ///   server, nor `local`.
    public convenience init(
        _ address: String? = nil,
        local: InProcessHost? = nil,
        options: ClientOptions = ClientOptions()
    ) async throws(LMStudioError) {
        let given = address ?? ""
        try await self.init(
            choosing: given.isEmpty ? try ClientOptions.usualAddress() : given,
            local: local,
            options: options
        ) {
            await ServerDiscovery.find()
        }
    }

    /// The same without the variable, and with another way to look for servers on this computer.
    package convenience init(
        choosing given: String,
        local: InProcessHost?,
        options: ClientOptions = ClientOptions(),
        discover: @Sendable () async -> HostAddress?
    ) async throws(LMStudioError) {
        let credentials = try options.credentials()
        // Also where nobody needs it: a wrong name is better told at once.
        if let caFile = options.caFile { _ = try RemoteHost.certificates(of: caFile) }
        let chosen: HostAddress
        if !given.isEmpty {
            chosen = try HostAddress(given)
        } else if let server = await discover() {
            chosen = server
        } else if local != nil {
            chosen = .local(models: nil)
        } else {
            throw LMStudioError(.connection, ServerDiscovery.nothingFound)
        }
        switch chosen {
        case .local(let models):
            guard let local else {
                throw LMStudioError(
                    .unsupported,
                    "there is no engine to run models in this process; pass local: .llama (product LMStudioLlama)"
                )
            }
            self.init(local.make(models), timeouts: options.timeouts, ownsHost: false)
        case .server:
            let host = try RemoteHost(
                chosen,
                credentials: credentials,
                caFile: options.caFile,
                logger: options.logger
            )
            self.init(host, timeouts: options.timeouts, ownsHost: true)
        }
    }

    /// Gives `body` a client and closes it afterwards.
    ///
    /// - Parameters:
    ///   - address: as in `init(_:local:options:)`.
    ///   - local: as in `init(_:local:options:)`.
    ///   - options: as in `init(_:local:options:)`.
    ///   - body: uses the client.
    /// - Returns: what `body` returns.
    /// - Throws: what the initializer or `body` throws.
    public static func withConnection<Value>(
        to address: String? = nil,
        local: InProcessHost? = nil,
        options: ClientOptions = ClientOptions(),
        _ body: (LMStudioClient) async throws -> Value
    ) async throws -> Value {
        let client = try await LMStudioClient(address, local: local, options: options)
        defer { client.close() }
        return try await body(client)
    }

    deinit {
        close()
    }

    /// Language models.
    public var llm: ModelNamespace<LLM> { ModelNamespace(client: self) }

    /// Embedding models, which turn texts into vectors.
    public var embedding: ModelNamespace<EmbeddingModel> { ModelNamespace(client: self) }

    /// Ends the client's predictions with `.cancelled`; later calls throw `.invalidState`.
    ///
    /// A host in this process goes, with its models, when its last client does; connections to a
    /// server are closed.
    public func close() {
        let (host, channels) = state.withLock { state in
            defer { state = State(host: nil) }
            return (state.host, state.channels)
        }
        files.removeAll()
        for open in channels { open.channel?.abandon("the client was closed") }
        if ownsHost { host?.close() }
    }

    /// The host, while the client is open.
    package func host() throws(LMStudioError) -> any ModelHost {
        guard let host = state.withLock({ $0.host }) else { throw Self.closed }
        return host
    }

    /// Where a task that waits for the host runs best; see ``ModelHost/taskExecutor(beginsHere:)``.
    package func taskExecutor(beginsHere: Bool = false) -> (any TaskExecutor)? {
        state.withLock { $0.host }?.taskExecutor(beginsHere: beginsHere)
    }

    /// Starts a prediction that `close()` ends, and that fails when its time is over.
    package func start(
        _ request: PredictionRequest,
        into channel: PredictionChannel,
        timeouts: Timeouts? = nil
    ) throws(LMStudioError) {
        let host = try begin(request, into: channel)
        channel.watch(patience(timeouts, of: host))
    }

    /// Starts a prediction that `close()` ends; its time is the caller's to watch.
    ///
    /// - Returns: the host.
    @discardableResult
    func begin(
        _ request: PredictionRequest,
        into channel: PredictionChannel
    ) throws(LMStudioError) -> any ModelHost {
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
        channel.note(host.address)
        host.predict(try attached(to: request, for: host), into: channel)
        return host
    }

    private static let closed = LMStudioError(.invalidState, "the client is closed; make a new one")

    // MARK: Patience

    private func patience(_ timeouts: Timeouts?, of host: any ModelHost) -> Patience {
        Patience(
            total: timeouts?.total ?? self.timeouts.total,
            idle: timeouts?.idle ?? self.timeouts.idle ?? host.defaultIdleTimeout
        )
    }

    /// Runs a call of the host, and cancels it when its time is over.
    ///
    /// - Parameters:
    ///   - timeouts: `nil`: the client's.
    ///   - what: what the call does, for the message: "loading the model".
    ///   - signs: changes with every sign of life of the call; `nil`: it waits for one answer.
    ///   - work: the call.
    /// - Returns: what `work` returns.
    /// - Throws: `.timedOut`, `.invalidState` if the client is closed, and what `work` throws.
    package func limited<Value: Sendable>(
        by timeouts: Timeouts?,
        doing what: String,
        signs: (@Sendable () -> Int)? = nil,
        _ work: @escaping @Sendable (any ModelHost) async throws(LMStudioError) -> Value
    ) async throws(LMStudioError) -> Value {
        let answer = Answer<Value>()
        try await limit(timeouts, doing: what, signs) { host throws(LMStudioError) in
            answer.set(try await work(host))
        }
        return try answer.get()
    }

    private final class Answer<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)

        func set(_ value: Value) { self.value.withLock { $0 = value } }

        func get() throws(LMStudioError) -> Value {
            guard let value = value.withLock({ $0 }) else {
                throw LMStudioError(.internal, "a finished call has no result")
            }
            return value
        }
    }

    /// The same for every kind of value: compiled for each of them it took a hundred kilobytes.
    private func limit(
        _ timeouts: Timeouts?,
        doing what: String,
        _ signs: (@Sendable () -> Int)?,
        _ work: @escaping @Sendable (any ModelHost) async throws(LMStudioError) -> Void
    ) async throws(LMStudioError) {
        let host = try host()
        let patience = patience(timeouts, of: host)
        guard patience.isLimited else { return try await work(host) }
        if signs == nil, host.keepsPatience {
            return try await Patience.$current.withValue(patience) {
                await Self.outcome(of: work, host)
            }.get()
        }
        let outcome = await withTaskGroup(of: Result<Void, LMStudioError>?.self) { group in
            group.addTask { await Self.outcome(of: work, host) }
            group.addTask {
                await patience.wait(doing: what) { Patience.Signs(count: signs?() ?? 0) }
                    .map { .failure($0) }
            }
            defer { group.cancelAll() }
            while let outcome = await group.next() {
                if let outcome { return outcome }
            }
            return .failure(LMStudioError(.cancelled, "the task was cancelled"))
        }
        try outcome.get()
    }

    private static func outcome(
        of work: (any ModelHost) async throws(LMStudioError) -> Void,
        _ host: any ModelHost
    ) async -> Result<Void, LMStudioError> {
        do throws(LMStudioError) {
            return .success(try await work(host))
        } catch {
            return .failure(error)
        }
    }
}
