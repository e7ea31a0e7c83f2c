import LMStudioCore
import Synchronization

/// A loaded model and the thread that runs it.
final class ModelInstance: Sendable {
    /// How it was asked for.
    let order: Order
    /// How it was loaded, the engine's choices filled in.
    let loadConfig: LoadConfig
    let model: LlamaModel
    /// What it takes.
    let memory: MemoryUsage
    /// Reads images for it, if it has that.
    private let vision: LlamaVision?
    /// The model for those whose predictions it guesses.
    let draft: DraftModel
    /// Who uses it, and since when nobody does.
    let usage: InstanceUsage
    /// What it is, without the times that change.
    private let base: ModelInstanceInfo
    let work: InstanceWork
    /// What its weights are read from.
    let mappedFiles: MappedFiles
    /// Whose its saved caches are.
    let cacheOwnership: CacheOwnership

    /// What is to be loaded, how and for how long.
    struct Order: Sendable {
        var stored: StoredModel
        var identifier: String
        var config: LoadConfig
        /// Idle time after which it goes; `nil`: it stays.
        var timeToLive: Duration?
        /// Whether nobody asked for it to stay, so that it may make room for another one.
        var isJustInTime: Bool
        /// What it is estimated to take.
        var memory: MemoryUsage
    }

    private init(
        order: Order,
        base: ModelInstanceInfo,
        loadConfig: LoadConfig,
        model: LlamaModel,
        memory: MemoryUsage,
        vision: LlamaVision?,
        cacheOwnership: CacheOwnership,
        clock: HostClock
    ) {
        self.order = order
        self.cacheOwnership = cacheOwnership
        self.base = base
        self.loadConfig = loadConfig
        self.model = model
        self.memory = memory
        self.vision = vision
        mappedFiles = MappedFiles(order.stored.files, config: loadConfig)
        draft = DraftModel(model, key: base.model.modelKey)
        let usage = InstanceUsage(clock: clock, timeToLive: order.timeToLive)
        self.usage = usage
        work =
            switch base.model.domain {
            case .embedding: .embeddings(EmbeddingScheduler())
            case .llm:
                .predictions(
                    Scheduler(defaultSeed: loadConfig.seed) {
                        stats,
                        config in
                        PredictionSummary(
                            stats: stats,
                            modelInfo: usage.stamped(base),
                            loadConfig: loadConfig,
                            predictionConfig: config
                        )
                    }
                )
            }
        ProcessExit.add(work.scheduler)
    }

    deinit {
        stop {}
    }

    /// Loads a model on a new thread, which then runs its predictions until the instance is let go.
    ///
    /// - Parameters:
    ///   - order: what to load, and how.
    ///   - clock: measures its idle times.
    ///   - prepare: called first, on that thread; what it throws is the failure.
    ///   - progress: receives the share done, 0…1, on that thread; answers whether to go on.
    ///   - completion: receives the instance or the failure, on that thread.
    /// - Throws: `.engine` if there is no thread to be had.
    static func load(
        _ order: Order,
        clock: HostClock,
        prepare: @escaping @Sendable () throws(LMStudioError) -> Void,
        progress: @escaping @Sendable (Double) -> Bool,
        completion: @escaping @Sendable (Result<ModelInstance, LMStudioError>) -> Void
    ) throws(LMStudioError) {
        try EngineThread.start {
            let scheduler = serve(
                order,
                clock: clock,
                prepare: prepare,
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
        _ order: Order,
        clock: HostClock,
        prepare: @Sendable () throws(LMStudioError) -> Void,
        progress: @escaping @Sendable (Double) -> Bool,
        completion: @Sendable (Result<ModelInstance, LMStudioError>) -> Void
    ) -> (any InstanceScheduler)? {
        let scheduler: any InstanceScheduler
        let run: () -> Void
        do throws(LMStudioError) {
            try prepare()
            let opened = try open(order, clock: clock, progress: progress)
            (scheduler, run) = (opened.instance.work.scheduler, opened.run)
            completion(.success(opened.instance))
        } catch {
            completion(.failure(error))
            return nil
        }
        run()
        return scheduler
    }

    private static func open(
        _ order: Order,
        clock: HostClock,
        progress: @escaping @Sendable (Double) -> Bool
    ) throws(LMStudioError) -> (instance: ModelInstance, run: () -> Void) {
        let cacheOwnership = CacheOwnership(files: order.stored.files)
        var config = order.config
        config.contextLength = order.stored.contextLength(config)
        config = try order.stored.capped(config)
        let model = try order.stored.weights(config, progress: progress)
        // A template that came with the load is refused with it.
        if config.promptTemplate != nil { _ = try model.chatTemplate() }
        let projector = order.stored.info.domain == .llm ? order.stored.projector : nil
        let vision = try projector.flatMap { path throws(LMStudioError) in
            try LlamaVision.load(path, for: model)
        }
        let base = ModelInstanceInfo(
            model: order.stored.info,
            identifier: order.identifier,
            instanceReference: reference(),
            contextLength: order.stored.contextLength(config)
        )
        let context = try EngineContext(of: order.stored, model, config, vision: vision)
        let instance = ModelInstance(
            order: order,
            base: base,
            loadConfig: context.effective(config),
            model: model,
            memory: order.stored.memory(of: context),
            vision: vision,
            cacheOwnership: cacheOwnership,
            clock: clock
        )
        switch (instance.work, context) {
        case (.predictions(let scheduler), .predictions(let context)):
            return (instance, { scheduler.run(context) })
        case (.embeddings(let scheduler), .embeddings(let context)):
            return (instance, { scheduler.run(context) })
        default: throw LMStudioError(.internal, "a model has the context of another kind")
        }
    }

    private static func reference() -> String {
        let number = UInt64.random(in: 0 ... .max)
        return String(number, radix: 36)
    }

    /// What it is, with the times of now.
    var info: ModelInstanceInfo { usage.stamped(base) }
    /// The name it goes by.
    var identifier: String { base.identifier }
    /// The name of this very load.
    var instanceReference: String { base.instanceReference }
    /// The model it was loaded from.
    var modelInfo: ModelInfo { base.model }

    /// What it is doing.
    var processingState: ProcessingState { work.scheduler.processingState }

    /// The tokens of a text, as the instance reads it.
    func tokenize(_ text: String) async throws(LMStudioError) -> [Int32] {
        let isWhole = modelInfo.domain == .embedding
        guard LlamaModel.isLong(text) else { return try model.tokenize(text, isWhole: isWhole) }
        return try await Workshop.shared.run { [model] () throws(LMStudioError) in
            try model.tokenize(text, isWhole: isWhole)
        }
    }

    /// Makes a chat ready to be answered.
    ///
    /// - Throws: `.invalidArgument` if the chat, an image in it or its template is faulty;
    ///   `.unsupported` for files that the model cannot read.
    func prompt(of chat: Chat, config: PredictionConfig) throws(LMStudioError) -> PreparedPrompt {
        var prompt = try model.prompt(of: chat, config: config, vision: vision)
        prompt.budgetMessage = loadConfig.reasoningBudgetMessage ?? ""
        return prompt
    }

    /// Queues a prediction, once there is what the form of its answer needs; `onEnd` is called once, before the channel is told of its end.
    func submit(
        _ request: PredictionRequest,
        prompt: PreparedPrompt,
        into channel: PredictionChannel,
        onEnd: @escaping @Sendable () -> Void
    ) {
        guard case .predictions(let scheduler) = work else {
            onEnd()
            return channel.finish(.failure(base.mismatch(with: .llm)))
        }
        guard prompt.plan != nil else {
            return scheduler.submit(request, prompt: prompt, into: channel, onEnd: onEnd)
        }
        model.tokenTexts.hand(of: model) { texts in
            var prompt = prompt
            prompt.vocabulary = texts
            scheduler.submit(request, prompt: prompt, into: channel, onEnd: onEnd)
        }
    }

    /// Computes the vectors of texts; see ``ModelHost/embed(_:with:)``.
    func embed(_ texts: [String]) async throws(LMStudioError) -> [[Float]] {
        guard case .embeddings(let scheduler) = work else {
            throw base.mismatch(with: .embedding)
        }
        var tokens: [[Int32]] = []
        tokens.reserveCapacity(texts.count)
        for text in texts {
            guard !Task.isCancelled else {
                throw LMStudioError(.cancelled, "computing the vectors was cancelled")
            }
            tokens.append(try await tokenize(text))
            try check(tokenCount: tokens[tokens.count - 1].count, of: tokens.count - 1, texts.count)
        }
        return try await scheduler.embed(tokens)
    }

    /// Refuses a text that the model cannot read as a whole.
    private func check(
        tokenCount: Int,
        of index: Int,
        _ textCount: Int
    ) throws(LMStudioError) {
        guard !(1...base.contextLength).contains(tokenCount) else { return }
        let text = textCount == 1 ? "the text" : "texts[\(index)]"
        throw LMStudioError(
            .invalidArgument,
            tokenCount == 0
                ? "\(text) has no tokens that \"\(identifier)\" could read; give at least one character"
                : "\(text) has \(tokenCount) tokens, but \"\(identifier)\" was loaded with a context of "
                    + "\(base.contextLength); split it, or load the model with a larger contextLength"
        )
    }

    /// Ends its predictions and its thread, and waits until the context's memory is free; that of the
    /// weights is when nobody holds the instance, or guesses with it, any more.
    func stop() async {
        await withCheckedContinuation { continuation in
            stop { continuation.resume() }
        }
    }

    /// Ends its predictions and its thread; `onEnd` is called when the context's memory is free.
    func stop(onEnd: @escaping @Sendable () -> Void) {
        draft.withdraw()
        work.scheduler.stop(onEnd: onEnd)
    }
}
