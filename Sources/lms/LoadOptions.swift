import ArgumentParser
import LMStudio

/// How a model is loaded.
struct LoadOptions: ParsableArguments {
    @Option(help: "Context, tokens; default 4096 or what the model was trained for.")
    var contextLength: Int?

    @Option(help: "Share of the layers on the GPU: 0…1, max or off; default max.")
    var gpu: GPURatio?

    /// The configuration.
    var config: LoadConfig {
        var config = LoadConfig()
        config.contextLength = contextLength
        config.gpuRatio = gpu?.share
        return config
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
