import ArgumentParser
import LMStudio
import LMStudioLlama
import LMStudioServer
import LMStudioWire
import Logging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `lms server start`: serves until a signal comes.
struct ServerStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Serve this computer's models until Ctrl-C or SIGTERM."
    )

    @Option(parsing: .unconditional, help: "Port to listen on; 0: any that is free.")
    var port = HostAddress.defaultPort

    @Option(help: "Address to listen on.")
    var bind = "127.0.0.1"

    @Option(
        help: "Directory of the models; default: $LMSTUDIO_MODELS_DIR, else ~/.lmstudio/models."
    )
    var modelsDir: String?

    @Option(help: "Model to load at the start, by its key; may be given several times.")
    var load: [String] = []

    @Option(help: "Name of the model of the --load before it; default: its key.")
    var identifier: [String] = []

    @Option(help: "File of tokens, one a line: who has none of them is not let in.")
    var apiTokenFile: String?

    @Option(
        help: "Web page that may connect, such as https://example.com; may be given several times."
    )
    var cors: [String] = []

    @Flag(name: .customLong("no-sdk-port"), help: "Listen on the port alone, not where SDKs look.")
    var noSDKPort = false

    @Flag(help: "Write nothing but errors.")
    var quiet = false

    @Flag(help: "Write a log to standard error.")
    var verbose = false

    @Flag(help: "Write the addresses as a JSON object.")
    var json = false

    /// Connections get the rest of five seconds to close.
    private static let grace = Duration.milliseconds(1500)

    func validate() throws {
        if quiet, verbose { throw ValidationError("give --quiet or --verbose, not both") }
        _ = try loads(CommandLine.arguments)
    }

    func run() async throws {
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        let signals = Signals([SIGTERM, SIGINT]) { continuation.finish() }
        defer { withExtendedLifetime(signals) {} }
        // Who reads the log may go.
        signal(SIGPIPE, SIG_IGN)
        raiseFileLimit()
        let logger = verbose ? Self.logger : nil
        let host = LocalHost(models: modelsDir, logger: logger)
        if modelsDir?.isEmpty == false {
            try host.address.checkModels("give --models-dir one with models")
        }
        let server = try await LMStudioServer.start(
            host: host,
            configuration: try configuration(logger)
        )
        let record = ServerRecord(
            processIdentifier: getpid(),
            port: server.port,
            addresses: server.addresses
        )
        if !record.keep() { logger?.warning("`lms server stop` will not find this server") }
        defer { record.remove() }
        let requests = try loads(CommandLine.arguments)
        let loading = Task {
            for request in requests { try await load(request, on: host) }
            announce(record)
        }
        let waiting = Task {
            for await _ in ended {}
            loading.cancel()
        }
        let outcome = await loading.result
        if case .success = outcome { await waiting.value }
        await server.stop(within: Self.grace)
        if signals.last == nil { try outcome.get() }
    }

    /// Connections are files too, of which shells allow 1,024.
    private func raiseFileLimit() {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = setrlimit(resource, &limit)
    }

    private func announce(_ record: ServerRecord) {
        if json {
            Output.notice.json(record.json)
        } else if !quiet {
            Output.notice.line("listening on \(record.addresses.joined(separator: ", "))")
        }
    }

    private static let logger = Logger(label: "lms") { label in
        StreamLogHandler.standardError(label: label)
    }

    private func configuration(
        _ logger: Logger?
    ) throws(LMStudioError) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.bind = bind
        configuration.port = port
        configuration.listensOnSDKPort = !noSDKPort
        configuration.allowedOrigins = cors
        configuration.logger = logger
        if let apiTokenFile { configuration.apiTokens = try Self.tokens(of: apiTokenFile) }
        return configuration
    }

    /// The tokens of a file, one a line; what begins with `#` is none.
    private static func tokens(of file: String) throws(LMStudioError) -> [String] {
        var tokens: [String] = []
        let lines = try Input.file(file).split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        for (index, line) in lines.enumerated() {
            let token = line.filter { !$0.isWhitespace }
            if token.isEmpty || token.hasPrefix("#") { continue }
            do throws(LMStudioError) {
                _ = try Credentials(token: token)
            } catch {
                throw error.prefixed("\(file), line \(index + 1): ")
            }
            tokens.append(token)
        }
        // An empty list would let everybody in.
        guard !tokens.isEmpty else {
            throw LMStudioError(.invalidArgument, "there is no token in \(file)")
        }
        return tokens
    }

    // MARK: Models at the start

    private func load(_ request: LoadRequest, on host: LocalHost) async throws(LMStudioError) {
        let bar = ProgressBar("Loading \(request.model ?? "")", isHidden: quiet || json)
        defer { bar.clear() }
        _ = try await host.load(request) { event in
            if case .progress(let share) = event { bar.show(share) }
        }
    }

    /// The models to load, each with the identifier that follows it on the command line.
    ///
    /// The parser keeps the order of each option but not that among them, so the arguments are looked
    /// through once more.
    private func loads(_ arguments: [String]) throws -> [LoadRequest] {
        var requests = load.map { LoadRequest(model: $0, domain: nil, reusesLoaded: false) }
        var (loads, identifiers) = (0, 0)
        for argument in arguments {
            if argument == "--load" || argument.hasPrefix("--load=") {
                loads += 1
            } else if argument == "--identifier" || argument.hasPrefix("--identifier=") {
                guard identifiers < identifier.count, loads >= 1, loads <= requests.count,
                    requests[loads - 1].identifier == nil
                else {
                    throw ValidationError("each --identifier belongs to the --load before it")
                }
                requests[loads - 1].identifier = identifier[identifiers]
                identifiers += 1
            }
        }
        return requests
    }
}
