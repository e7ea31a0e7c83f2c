import LMStudioCore

/// A loaded model and the thread that runs it.
final class ModelInstance: Sendable {
    /// How it was asked for.
    let order: Order
    /// How it was loaded, the engine's choices filled in.
    let loadConfig: LoadConfig
    let model: LlamaModel
    /// Who uses it, and since when nobody does.
    let usage: InstanceUsage
    /// What it is, without the times that change.
    private let base: ModelInstanceInfo
    private let scheduler: Scheduler

    /// What is to be loaded, how and for how long.
    struct Order: Sendable {
        var stored: StoredModel
        var identifier: String
        var config: LoadConfig
        /// Idle time after which it goes; `nil`: it stays.
        var timeToLive: Duration?
        /// Whether nobody asked for it to stay, so that it may make room for another one.
        var isJustInTime: Bool
        /// What it is estimated to take, bytes.
        var memoryNeed: Int64
    }

    /// LM Studio's own default context, tokens.
    private static let defaultContextLength = 4096

    /// The context of a load that names none, tokens.
    static func defaultContextLength(of model: ModelInfo) -> Int {
        min(defaultContextLength, max(model.maxContextLength, 1))
    }

    private init(
        order: Order,
        base: ModelInstanceInfo,
        loadConfig: LoadConfig,
        model: LlamaModel,
        clock: HostClock
    ) {
        self.order = order
        self.base = base
        self.loadConfig = loadConfig
        self.model = model
        let usage = InstanceUsage(clock: clock, timeToLive: order.timeToLive)
        self.usage = usage
        scheduler = Scheduler(defaultSeed: loadConfig.seed) { stats, config in
            PredictionSummary(
                stats: stats,
                modelInfo: usage.stamped(base),
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
    ///   - order: what to load, and how.
    ///   - clock: measures its idle times.
    ///   - prepare: called first, on that thread.
    ///   - progress: receives the share done, 0…1, on that thread; answers whether to go on.
    ///   - completion: receives the instance or the failure, on that thread.
    /// - Throws: `.engine` if there is no thread to be had.
    static func load(
        _ order: Order,
        clock: HostClock,
        prepare: @escaping @Sendable () -> Void,
        progress: @escaping @Sendable (Double) -> Bool,
        completion: @escaping @Sendable (Result<ModelInstance, LMStudioError>) -> Void
    ) throws(LMStudioError) {
        try EngineThread.start {
            prepare()
            let scheduler = serve(
                order,
                clock: clock,
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
        progress: @escaping @Sendable (Double) -> Bool,
        completion: @Sendable (Result<ModelInstance, LMStudioError>) -> Void
    ) -> Scheduler? {
        let scheduler: Scheduler
        let context: LlamaContext
        do throws(LMStudioError) {
            let opened = try open(order, clock: clock, progress: progress)
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
        _ order: Order,
        clock: HostClock,
        progress: @escaping @Sendable (Double) -> Bool
    ) throws(LMStudioError) -> (instance: ModelInstance, context: LlamaContext) {
        var config = order.config
        let length = config.contextLength ?? defaultContextLength(of: order.stored.info)
        config.contextLength = length
        let model = try LlamaModel(
            path: order.stored.file,
            layers: order.stored.validate(),
            config: config,
            progress: progress
        )
        let context = try LlamaContext(model: model, length: length, config: config)
        let base = ModelInstanceInfo(
            model: order.stored.info,
            identifier: order.identifier,
            instanceReference: reference(),
            contextLength: length
        )
        let instance = ModelInstance(
            order: order,
            base: base,
            loadConfig: config,
            model: model,
            clock: clock
        )
        return (instance, context)
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
    var processingState: ProcessingState { scheduler.processingState }

    /// Queues a prediction; `onEnd` is called once, before the channel is told of its end.
    func submit(
        _ request: PredictionRequest,
        into channel: PredictionChannel,
        onEnd: @escaping @Sendable () -> Void
    ) {
        scheduler.submit(request, into: channel, onEnd: onEnd)
    }

    /// Ends its predictions and its thread, and waits until the context's memory is free.
    func stop() async {
        await withCheckedContinuation { continuation in
            stop { continuation.resume() }
        }
    }

    /// Ends its predictions and its thread; `onEnd` is called when the context's memory is free.
    func stop(onEnd: @escaping @Sendable () -> Void) {
        scheduler.stop(onEnd: onEnd)
    }
}
