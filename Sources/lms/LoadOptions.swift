import ArgumentParser
import LMStudio
import LMStudioWire

/// How a model is loaded.
struct LoadOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Context, tokens; default 4096 or what the model was trained for."
    )
    var contextLength: Int?

    @Option(
        parsing: .unconditional,
        help: "Share of the layers on the GPU: 0…1, max or off; default max."
    )
    var gpu: GPURatio?

    @Option(help: "Further options as a JSON object, or a file that holds one; see the README.")
    var loadConfig: String?

    /// The configuration.
    ///
    /// - Throws: `.invalidArgument` for a `--load-config` that is no such object, or options in it that
    ///   are wrong; `.unsupported` from the host.
    func config(for client: LMStudioClient) throws(LMStudioError) -> LoadConfig {
        var warnings: [String] = []
        var config = try LoadConfig(
            json: try Input.options(loadConfig, "--load-config"),
            for: try client.host(),
            warnings: &warnings
        )
        Output.error.warn(warnings)
        if let contextLength { config.contextLength = contextLength }
        if let gpu { config.gpuRatio = gpu.share }
        return config
    }

    /// Refuses an idle time that is none.
    static func check(ttl: Double) throws {
        guard ttl >= 0.001, ttl < 1e9 else {
            throw ValidationError(
                "--ttl must be at least 0.001 and less than 1e9 seconds, not \(ttl)"
            )
        }
    }

    /// What gets a model that is used now.
    ///
    /// - Parameters:
    ///   - model: its name; `nil`: any.
    ///   - domain: what it must be for.
    ///   - ttl: idle time after which it may go, seconds; by default what LM Studio grants a model that
    ///     was loaded because somebody used it.
    ///   - client: whose it will be.
    /// - Returns: the request.
    /// - Throws: as `config(for:)`.
    func request(
        _ model: String?,
        domain: ModelDomain = .llm,
        ttl: Double = 3600,
        for client: LMStudioClient
    ) throws(LMStudioError) -> LoadRequest {
        LoadRequest(
            model: model,
            config: try config(for: client),
            domain: domain,
            timeToLive: .seconds(ttl)
        )
    }

    /// A share of layers, as it is written on the command line.
    struct GPURatio: ExpressibleByArgument {
        let share: Double

        init?(argument: String) {
            switch argument.lowercased() {
            case "max": share = 1
            case "off": share = 0
            default:
                guard let number = Double(argument), (0...1).contains(number) else { return nil }
                share = number
            }
        }
    }
}

extension LMStudioClient {
    /// Loads a model with a progress bar, and says what is unloaded for it.
    ///
    /// - Parameters:
    ///   - request: what to load, and how.
    ///   - isQuiet: whether nobody wants to see how far it is.
    /// - Returns: the instance.
    /// - Throws: what loading throws.
    func load(
        _ request: LoadRequest,
        isQuiet: Bool = false
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        let bar = ProgressBar("Loading \(request.model ?? "a model")", isHidden: isQuiet)
        defer { bar.clear() }
        return try await load(request, timeouts: nil) { event in
            switch event {
            case .progress(let share): bar.show(share)
            case .unloadingOther(let info) where !isQuiet:
                bar.clear()
                Output.error.line("unloading \(info.identifier) to make room")
            default: break
            }
        }
    }
}
