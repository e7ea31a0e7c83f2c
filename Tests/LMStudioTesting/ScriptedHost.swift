package import LMStudioCore
import Synchronization

/// A host without models: it does what its script says, and records what it is asked.
package final class ScriptedHost: ModelHost {
    /// What the host answers.
    package struct Script: Sendable {
        /// The models on disk.
        package var downloaded: [ModelInfo] = [.sample]
        /// The loaded instances; `load` gives the first.
        package var loaded: [ModelInstanceInfo] = [.sample]
        /// How every instance was loaded.
        package var loadConfig = LoadConfig()
        /// What `load` reports before its progress.
        package var loadSteps: [LoadEvent] = []
        /// What `load` reports before it ends.
        package var loadProgress: [Double] = [0, 0.5, 1]
        /// Whether loads and estimates end only when their task is cancelled.
        package var loadWaits = false
        /// What every load would take.
        package var estimate = UsageEstimate.sample
        /// What every text is split into.
        package var tokens: [Int32] = [1, 22, 333]
        /// The vector of every text.
        package var vector: [Float] = [0.6, 0.8]
        /// What each prediction yields.
        package var events: [PredictionEvent] = [
            .promptProgress(0), .promptProgress(1), .firstToken, .text("Hello"), .text(" world"),
        ]
        /// How each prediction ends.
        package var ending = Ending.finished(.eosFound)
        /// What it has to say of the options of every load and prediction.
        package var reviewWarnings: [String] = []
        /// Thrown by every call that can throw, if there is one.
        package var error: LMStudioError?
        /// Whether chats bring the bytes of their files.
        package var readsFileContent = false

        /// Makes a script that may be changed before it is played.
        package init() {}
    }

    /// How a prediction ends once its events are yielded.
    package enum Ending: Sendable {
        /// At once, for this reason.
        case finished(PredictionStats.StopReason)
        /// At once, with an error.
        case failed(LMStudioError)
        /// When the consumer stops it, with `.userStopped`.
        case stopped
        /// Not even then.
        case never
    }

    /// What the host was asked.
    package struct Record: Sendable {
        /// The requests to load.
        package var loads: [LoadRequest] = []
        /// The instances to unload.
        package var unloads: [ModelSpecifier] = []
        /// The instances whose information, configuration or tokens were wanted.
        package var models: [ModelSpecifier] = []
        /// The texts to split.
        package var texts: [String] = []
        /// The chats to make text of.
        package var chats: [Chat] = []
        /// How to make text of them.
        package var templateOptions: [PromptTemplateOptions] = []
        /// The predictions to make.
        package var predictions: [PredictionRequest] = []
        /// The draft models to get ready.
        package var drafts: [String] = []
        /// The files it was given, by name.
        package var uploads: [String: [UInt8]] = [:]
        /// How many loads were cancelled.
        package var cancelledLoads = 0
        /// How often a prediction was stopped.
        package var stops = 0
    }

    /// Where the host claims to be.
    package let address: HostAddress
    let script: Script
    private let recorded = Mutex(Record())
    private let waiters = Mutex<[Waiter]>([])

    private struct Waiter {
        let isMet: @Sendable (Record) -> Bool
        let done: CheckedContinuation<Void, Never>
    }

    /// Makes a host that plays a script.
    package init(address: HostAddress = .local(models: "/models"), script: Script = Script()) {
        self.address = address
        self.script = script
    }

    package var readsFileContent: Bool { script.readsFileContent }

    /// What the host was asked until now.
    package var record: Record { recorded.withLock { $0 } }

    /// Waits until the record is as wanted.
    package func wait(until isMet: @escaping @Sendable (Record) -> Bool) async {
        await withCheckedContinuation { done in
            waiters.withLock { $0.append(Waiter(isMet: isMet, done: done)) }
            tellWaiters()
        }
    }

    private func tellWaiters() {
        let record = record
        let met = waiters.withLock { waiters in
            let met = waiters.filter { $0.isMet(record) }
            waiters.removeAll { $0.isMet(record) }
            return met
        }
        for waiter in met { waiter.done.resume() }
    }

    private func change(_ change: (inout Record) -> Void) {
        recorded.withLock { change(&$0) }
        tellWaiters()
    }

    func note(_ change: (inout Record) -> Void) throws(LMStudioError) {
        self.change(change)
        if let error = script.error { throw error }
    }

    /// The script's models.
    package func listDownloaded() async throws(LMStudioError) -> [ModelInfo] {
        try note { _ in }
        return script.downloaded
    }

    /// The script's instances.
    package func listLoaded() async throws(LMStudioError) -> [ModelInstanceInfo] {
        try note { _ in }
        return script.loaded
    }

    /// The script's first instance.
    package func load(
        _ request: LoadRequest,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        try note { $0.loads.append(request) }
        for step in script.loadSteps { report(step) }
        for share in script.loadProgress { report(.progress(share)) }
        if script.loadWaits { try await cancellation() }
        return try first()
    }

    /// The script's estimate.
    package func estimateUsage(
        _ request: LoadRequest
    ) async throws(LMStudioError) -> UsageEstimate {
        try note { $0.loads.append(request) }
        if script.loadWaits { try await cancellation() }
        return script.estimate
    }

    /// Does nothing but record it.
    package func unload(_ model: ModelSpecifier) async throws(LMStudioError) {
        try note { $0.unloads.append(model) }
    }

    /// Does nothing but record it.
    package func preloadDraftModel(
        _ key: String,
        for model: ModelSpecifier
    ) async throws(LMStudioError) {
        try note { ($0.models, $0.drafts) = ($0.models + [model], $0.drafts + [key]) }
    }

    /// The script's first instance.
    package func instanceInfo(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        try note { $0.models.append(model) }
        return try first()
    }

    /// The script's configuration.
    package func loadConfig(_ model: ModelSpecifier) async throws(LMStudioError) -> LoadConfig {
        try note { $0.models.append(model) }
        return script.loadConfig
    }

    /// The defaults.
    package func basePredictionConfig(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> PredictionConfig {
        try note { $0.models.append(model) }
        return PredictionConfig()
    }

    /// Idle.
    package func processingState(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> ProcessingState {
        try note { $0.models.append(model) }
        return ProcessingState(status: .idle, queued: 0)
    }

    /// The script's warnings.
    package func review(_ config: PredictionConfig) throws(LMStudioError) -> [String] {
        try note { _ in }
        return script.reviewWarnings
    }

    /// The script's warnings.
    package func review(_ config: LoadConfig) throws(LMStudioError) -> [String] {
        try note { _ in }
        return script.reviewWarnings
    }

    /// Takes it as an image.
    package func upload(
        _ content: [UInt8],
        named name: String
    ) async throws(LMStudioError) -> ChatFile {
        try note { $0.uploads[name] = content }
        return ChatFile(
            name: name,
            identifier: "local:1",
            sizeBytes: content.count,
            fileType: "image"
        )
    }

    /// A version of its own.
    package func describe() async throws(LMStudioError) -> HostDescription {
        try note { _ in }
        return HostDescription(version: "1.2.3", build: 4, processIdentifier: 5, isDaemon: true)
    }

    /// Yields the script's events, before it returns.
    package func predict(_ request: PredictionRequest, into channel: PredictionChannel) {
        change { $0.predictions.append(request) }
        let isStubborn = if case .never = script.ending { true } else { false }
        channel.onStop { [weak self, weak channel] in
            self?.change { $0.stops += 1 }
            if isStubborn { return }
            channel?.finish(.success(.sample(.userStopped, config: request.config)))
        }
        for event in script.events { channel.yield(event) }
        switch script.ending {
        case .finished(let reason):
            channel.finish(.success(.sample(reason, config: request.config)))
        case .failed(let error): channel.finish(.failure(error))
        case .stopped, .never: break
        }
    }

    private func cancellation() async throws(LMStudioError) {
        let (end, ending) = AsyncStream<Void>.makeStream()
        await withTaskCancellationHandler {
            for await _ in end {}
        } onCancel: {
            ending.finish()
        }
        change { $0.cancelledLoads += 1 }
        throw LMStudioError(.cancelled, "the load was cancelled")
    }

    private func first() throws(LMStudioError) -> ModelInstanceInfo {
        guard let instance = script.loaded.first else {
            throw LMStudioError(.modelNotFound, "the script has no loaded model")
        }
        return instance
    }
}
