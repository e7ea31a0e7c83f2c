import LMStudio
import LMStudioCore
import LMStudioTesting
import Synchronization
import Testing

@testable import LMStudioLlama

/// An engine's loop without its thread: a test makes each step and sees what came of it.
final class LoopBench {
    /// A prediction that was given to the loop.
    final class Run {
        let channel = PredictionChannel()
        let stopFlag = TokenSequence.StopFlag()
        fileprivate(set) var events: [PredictionEvent] = []
        fileprivate(set) var outcome: Result<PredictionStats, LMStudioError>?

        var text: String { fragments.map(\.content).joined() }

        /// Tokens of the prompt that were read, without cached ones, at each report.
        var read: [Int] { counts.map(\.processedTokensCount) }
        /// Tokens of the prompt that were in the cache.
        var cached: Int? { counts.first?.cachedTokensCount }
        private var counts: [PromptProgress] {
            events.compactMap { event in
                if case .promptProgress(_, let counts?) = event { counts } else { nil }
            }
        }
        private var stats: PredictionStats? { try? outcome?.get() }
        var stopReason: PredictionStats.StopReason? { stats?.stopReason }
        var tokenCount: Int? { stats?.predictedTokensCount }
        var drafts: DraftStats? { stats?.drafts }

        /// The fragments that came.
        var fragments: [PredictionFragment] {
            events.compactMap { event in
                if case .fragment(let fragment) = event { fragment } else { nil }
            }
        }

        /// Takes what the loop has yielded.
        func read(_ limit: Int = .max) {
            for _ in 0..<limit {
                guard case .event(let event)? = try? channel.next() else { return }
                events.append(event)
            }
        }
    }

    let loop: PredictionLoop
    private let called: Recorder<ObjectIdentifier>
    let context: LlamaContext
    private let runs: Runs

    private final class Runs {
        var byChannel: [ObjectIdentifier: Run] = [:]
    }

    init(_ file: String, _ config: LoadConfig) throws {
        let model = try Self.model(file)
        let length = config.contextLength ?? 1024
        let runs = Runs()
        let called = Recorder<ObjectIdentifier>()
        (self.runs, self.called) = (runs, called)
        context = try LlamaContext(model: model, length: length, config: config)
        loop = PredictionLoop(
            context,
            defaultSeed: 1,
            callbacks: PredictionLoop.Callbacks(
                onEnd: { sequence, outcome in
                    runs.byChannel[ObjectIdentifier(sequence.channel)]?.outcome = outcome
                },
                onReady: { called.record($0) },
                onBatch: { _ in },
                onWithdrawal: {}
            )
        )
    }

    private static let models = Mutex<[String: LlamaModel]>([:])

    /// A model's weights, loaded once for all tests.
    private static func model(_ file: String) throws -> LlamaModel {
        try models.withLock { models in
            if let model = models[file] { return model }
            let model = try LlamaModel(
                path: file,
                layout: ModelLayout(layers: 0),
                config: LoadConfig(),
                progress: { _ in true }
            )
            models[file] = model
            return model
        }
    }

    func submit(_ prompt: String, _ config: PredictionConfig) -> Run {
        submit(PreparedPrompt(text: prompt, stopStrings: config.stopStrings), config)
    }

    /// Submits a prompt; one with a plan has the model's tokens.
    func submit(_ prompt: PreparedPrompt, _ config: PredictionConfig) -> Run {
        var prompt = prompt
        if prompt.plan != nil { prompt.vocabulary = TokenTexts(of: context.model) }
        return submit(asItIs: prompt, config)
    }

    func submit(asItIs prompt: PreparedPrompt, _ config: PredictionConfig) -> Run {
        let run = Run()
        runs.byChannel[ObjectIdentifier(run.channel)] = run
        loop.take(
            TokenSequence(
                request: PredictionRequest(model: .any, input: .text(prompt.text), config: config),
                prompt: prompt,
                channel: run.channel,
                stopFlag: run.stopFlag
            )
        )
        return run
    }

    /// Decodes one batch and reads what came; `false` if there was nothing to do.
    @discardableResult
    func step(reading: Bool = true) -> Bool {
        let didWork = loop.step()
        if reading { for run in runs.byChannel.values { run.read() } }
        return didWork
    }

    /// Decodes a batch that is interrupted.
    func interruptedStep() {
        context.interrupt()
        step()
        context.allow()
    }

    /// Has a state put into a slot.
    func restore(_ state: SequenceState) -> SequenceRestore {
        let restore = SequenceRestore(state)
        loop.take(restore)
        return restore
    }

    /// Looks at those whose readers have caught up.
    func lookAtCalled() {
        for channel in called.values { loop.look(at: channel) }
    }

    func cancel(_ run: Run, _ reason: PredictionStats.StopReason = .userStopped) {
        run.stopFlag.stop(reason)
        loop.look(at: ObjectIdentifier(run.channel))
        run.read()
    }

    func finishAll() {
        while step() {}
    }

    /// How a greedy text begins on every processor, whatever else runs: as long as the likeliest token
    /// is more than e² times as likely as the next one.
    ///
    /// llama.cpp's kernels round otherwise for other numbers of tokens and other processors, which
    /// moves logits by up to 1.
    static func sureText(
        _ file: String,
        _ load: LoadConfig,
        _ prompt: String,
        _ config: PredictionConfig
    ) throws -> String {
        var config = config
        config.logProbs = 2
        return try alone(file, load, prompt, config).fragments.flatMap(\.tokens)
            .prefix { $0.candidates[0].logProb - $0.candidates[1].logProb > 2 }
            .map(\.text).joined()
    }

    /// The text of one prediction in an engine of its own.
    static func alone(
        _ file: String,
        _ load: LoadConfig,
        _ prompt: String,
        _ config: PredictionConfig
    ) throws -> Run {
        let prompt = PreparedPrompt(text: prompt, stopStrings: config.stopStrings)
        return try alone(file, load, prompt, config)
    }

    static func alone(
        _ file: String,
        _ load: LoadConfig,
        _ prompt: PreparedPrompt,
        _ config: PredictionConfig
    ) throws -> Run {
        let bench = try LoopBench(file, load)
        let run = bench.submit(prompt, config)
        bench.finishAll()
        return run
    }
}

extension PredictionConfig {
    /// Greedy and without penalties, so that a pattern goes on for ever.
    static func pattern(_ maxTokens: Int?) -> PredictionConfig {
        var config = PredictionConfig.greedy(maxTokens)
        config.repeatPenalty = nil
        return config
    }
}

extension LoadConfig {
    static func parallel(_ count: Int, context: Int, isUnified: Bool = true) -> LoadConfig {
        var config = LoadConfig.context(context)
        config.maxParallelPredictions = count
        config.useUnifiedKVCache = isUnified
        return config
    }
}
