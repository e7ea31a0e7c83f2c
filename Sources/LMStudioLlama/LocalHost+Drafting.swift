public import LMStudioCore
import Synchronization

extension LocalHost {
    /// How long a draft model that nobody asked to stay may be idle: as LM Studio's models that are
    /// loaded when they are needed.
    private static let draftTimeToLive = Duration.seconds(3600)

    /// Loads a draft model if need be, and sees whether it can guess for an instance.
    ///
    /// - Throws: `.modelNotFound`; `.invalidArgument` naming both models if their vocabularies differ;
    ///   what loading throws.
    public func preloadDraftModel(
        _ key: String,
        for model: ModelSpecifier
    ) async throws(LMStudioError) {
        let instance = try await use(model)
        defer { endUse(of: instance) }
        endUse(of: try await useDraft(key, for: instance))
    }

    /// Begins to use the model of a prediction and the one that guesses for it, loaded if need be.
    ///
    /// - Parameters:
    ///   - request: the prediction.
    ///   - loaded: its model, if that is loaded and in use.
    /// - Returns: their instances, for each of which `endUse(of:)` is to follow; what loading threw.
    func useModels(
        of request: PredictionRequest,
        _ loaded: ModelInstance?
    ) async -> Result<(ModelInstance, draft: ModelInstance?), LMStudioError> {
        do throws(LMStudioError) {
            let instance = if let loaded { loaded } else { try await use(request.model) }
            do throws(LMStudioError) {
                let name = request.filled(for: instance).config.speculativeDecoding.draftModel
                let draft: ModelInstance? =
                    if let name { try await useDraft(name, for: instance) } else { nil }
                return .success((instance, draft))
            } catch {
                endUse(of: instance)
                throw error
            }
        } catch {
            return .failure(error)
        }
    }

    /// Finds the model that guesses for an instance, loads it if need be, and begins to use it.
    ///
    /// - Returns: its instance; `endUse(of:)` is to follow.
    /// - Throws: as `preloadDraftModel(_:for:)`.
    func useDraft(
        _ name: String,
        for instance: ModelInstance
    ) async throws(LMStudioError) -> ModelInstance {
        let request = LoadRequest(model: name, timeToLive: Self.draftTimeToLive)
        while true {
            let loaded = state.withLock { Set($0.instances.map(\.instanceReference)) }
            let reference = try await load(request) { _ in }.instanceReference
            let draft = state.withLock { state in
                let draft = state.instances.first { $0.instanceReference == reference }
                draft?.usage.begin()
                return draft
            }
            // Somebody may have unloaded it at once.
            guard let draft else { continue }
            do throws(LMStudioError) {
                try draft.draft.check(for: instance.model, key: instance.modelInfo.modelKey)
                try Self.check(draft.order.stored, reaches: instance)
                return draft
            } catch {
                endUse(of: draft)
                if !loaded.contains(reference) { dropIfIdle(draft) }
                throw error
            }
        }
    }

    /// Unloads what was loaded in vain, unless somebody else found a use for it.
    private func dropIfIdle(_ instance: ModelInstance) {
        let isDropped = state.withLock { state in
            guard instance.usage.idleSince != nil, instance.order.isJustInTime,
                state.instances.contains(where: { $0 === instance })
            else { return false }
            state.evict(instance)
            return true
        }
        if isDropped { instance.stop {} }
    }

    /// Refuses a draft model that cannot tell apart all tokens of an instance's context.
    private static func check(
        _ draft: StoredModel,
        reaches instance: ModelInstance
    ) throws(LMStudioError) {
        let length = instance.info.contextLength
        guard try !draft.tellsApart(length) else { return }
        throw DraftModel.refusal(
            draft.info.modelKey,
            instance.modelInfo.modelKey,
            "it can tell apart \(draft.info.maxContextLength) tokens, and the other was loaded with a "
                + "contextLength of \(length)"
        )
    }

    // MARK: Models that were loaded to guess

    /// Refuses a load whose draft model there is none of, before anything is loaded.
    ///
    /// - Throws: `.modelNotFound`.
    func checkDraft(of config: LoadConfig) throws(LMStudioError) {
        guard let name = config.drafting.draftModel,
            state.withLock({ Self.named(name, in: $0.instances) == nil })
        else { return }
        _ = try store.find(name)
    }

    /// Loads the draft model of an instance that was just loaded; without it the instance goes again.
    ///
    /// - Throws: as `preloadDraftModel(_:for:)`.
    func provideDraft(for instance: ModelInstance) async throws(LMStudioError) {
        guard let name = instance.loadConfig.drafting.draftModel else { return }
        do throws(LMStudioError) {
            endUse(of: try await useDraft(name, for: instance))
        } catch {
            // Others may wait for the same load.
            if error.code == .cancelled { throw error }
            state.withLock { state in state.instances.removeAll { $0 === instance } }
            await instance.stop()
            throw error
        }
    }
}

extension PredictionRequest {
    /// The request; how it guesses is as its instance was loaded, where it does not say, and it has no
    /// more threads than there are for that.
    func filled(for instance: ModelInstance) -> PredictionRequest {
        var request = self
        request.config.speculativeDecoding = config.speculativeDecoding.filled(
            by: instance.loadConfig.drafting
        )
        request.config.cpuThreads = config.cpuThreads.map { wanted in
            min(wanted, ThreadCount.limit(instance.loadConfig.cpuThreadPoolSize))
        }
        return request
    }
}
