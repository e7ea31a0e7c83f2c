import LMStudioCore

/// A loaded model and the thread that runs it.
final class ModelInstance: Sendable {
    let info: ModelInstanceInfo
    /// How it was loaded, the engine's choices filled in.
    let loadConfig: LoadConfig
    let model: LlamaModel
    private let scheduler: Scheduler

    /// Sequences that run at once; one, until predictions share decodes.
    private static let slotCount = 1
    /// LM Studio's own default context, tokens.
    private static let defaultContextLength = 4096

    private init(info: ModelInstanceInfo, loadConfig: LoadConfig, model: LlamaModel) {
        self.info = info
        self.loadConfig = loadConfig
        self.model = model
        scheduler = Scheduler(slotCount: Self.slotCount, defaultSeed: loadConfig.seed) {
            stats,
            config in
            PredictionSummary(
                stats: stats,
                modelInfo: info,
                loadConfig: loadConfig,
                predictionConfig: config
            )
        }
        ProcessExit.add(scheduler)
    }

    deinit {
        scheduler.stop()
    }

    /// Loads a model on a new thread, which then runs its predictions until the instance is let go.
    ///
    /// - Parameters:
    ///   - stored: the model on disk.
    ///   - identifier: the instance's name.
    ///   - config: how to load it.
    ///   - progress: receives the share done, 0…1, on that thread; answers whether to go on.
    ///   - completion: receives the instance or the failure, on that thread.
    /// - Throws: `.engine` if there is no thread to be had.
    static func load(
        _ stored: StoredModel,
        as identifier: String,
        config: LoadConfig,
        progress: @escaping @Sendable (Double) -> Bool,
        completion: @escaping @Sendable (Result<ModelInstance, LMStudioError>) -> Void
    ) throws(LMStudioError) {
        try EngineThread.start {
            let scheduler = serve(
                stored,
                as: identifier,
                config: config,
                progress: progress,
                completion: completion
            )
            scheduler?.end()
        }
    }

    /// Loads the model, hands the instance over, and runs its predictions until it is let go.
    ///
    /// A function of its own, so that the context's memory is free when it returns.
    @inline(never)
    private static func serve(
        _ stored: StoredModel,
        as identifier: String,
        config: LoadConfig,
        progress: @escaping @Sendable (Double) -> Bool,
        completion: @Sendable (Result<ModelInstance, LMStudioError>) -> Void
    ) -> Scheduler? {
        let scheduler: Scheduler
        let context: LlamaContext
        do throws(LMStudioError) {
            let opened = try open(stored, as: identifier, config: config, progress: progress)
            (scheduler, context) = (opened.instance.scheduler, opened.context)
            completion(.success(opened.instance))
        } catch {
            completion(.failure(error))
            return nil
        }
        scheduler.run(context)
        return scheduler
    }

    private static func open(
        _ stored: StoredModel,
        as identifier: String,
        config: LoadConfig,
        progress: @escaping @Sendable (Double) -> Bool
    ) throws(LMStudioError) -> (instance: ModelInstance, context: LlamaContext) {
        var config = config
        let length =
            config.contextLength ?? min(defaultContextLength, max(stored.info.maxContextLength, 1))
        config.contextLength = length
        let model = try LlamaModel(
            path: stored.file,
            layers: stored.validate(),
            config: config,
            progress: progress
        )
        let context = try LlamaContext(
            model: model,
            length: length,
            sequences: slotCount,
            config: config
        )
        let info = ModelInstanceInfo(
            model: stored.info,
            identifier: identifier,
            instanceReference: reference(),
            contextLength: length
        )
        return (ModelInstance(info: info, loadConfig: config, model: model), context)
    }

    private static func reference() -> String {
        let number = UInt64.random(in: 0 ... .max)
        return String(number, radix: 36)
    }

    /// What it is doing.
    var processingState: ProcessingState { scheduler.processingState }

    func submit(_ request: PredictionRequest, into channel: PredictionChannel) {
        scheduler.submit(request, into: channel)
    }

    /// Ends its predictions and its thread, and waits until the context's memory is free.
    func stop() async {
        await withCheckedContinuation { continuation in
            scheduler.stop { continuation.resume() }
        }
    }
}
