public import LMStudioCore
import Synchronization

extension LocalHost {
    /// Reads a prompt, as a prediction of one token does, and saves what its slot then holds.
    public func saveCache(
        of request: PredictionRequest,
        to path: String
    ) async throws(LMStudioError) -> Int {
        let instance = try await use(request.model)
        let owner: CacheOwner
        do throws(LMStudioError) {
            owner = try CacheOwner(of: instance)
        } catch {
            endUse(of: instance)
            throw error
        }
        let channel = PredictionChannel()
        let kept = Mutex<SequenceState?>(nil)
        instance.keepState(of: channel) { state in kept.withLock { $0 = state } }
        defer { instance.forgetState(of: channel) }
        predict(request.toBeSaved, with: instance, into: channel)
        _ = try await PredictionStream(channel).result()
        guard let state = kept.withLock({ $0 }) else {
            throw LMStudioError(
                .unsupported,
                "llama.cpp cannot save what this model keeps of a prompt"
            )
        }
        try CacheFile(owner: owner, state: state).write(to: path)
        return state.tokens.count
    }

    /// Puts a saved cache into a slot as soon as one is free.
    public func loadCache(
        from path: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> LoadedCache {
        let instance = try await use(model)
        defer { endUse(of: instance) }
        let owner = try CacheOwner(of: instance)
        do throws(CacheFile.Refusal) {
            let state = try CacheFile.read(
                path,
                for: owner,
                length: instance.info.contextLength,
                cellBytes: cellBytes(of: instance)
            )
            guard await instance.restore(state) else {
                throw CacheFile.Refusal(reason: "llama.cpp does not take it")
            }
            return LoadedCache(tokensCount: state.tokens.count)
        } catch {
            return LoadedCache(
                tokensCount: 0,
                warning: "the cache \(path.quoted) is ignored: \(error.reason)"
            )
        }
    }

    /// Bytes that an instance keeps for a token, at most.
    private func cellBytes(of instance: ModelInstance) -> Int {
        Int(instance.memory.contextBytes) / max(instance.info.contextLength, 1) + 1
    }
}

extension PredictionRequest {
    /// The same prompt, read to its end and no further.
    fileprivate var toBeSaved: PredictionRequest {
        var request = self
        request.preset = nil
        request.config = PredictionConfig(maxTokens: 1, temperature: 0)
        request.config.contextOverflowPolicy = .stopAtLimit
        request.config.systemPrompt = config.systemPrompt
        request.config.promptTemplate = config.promptTemplate
        request.config.reasoningParsing = config.reasoningParsing
        request.config.enableThinking = config.enableThinking
        request.config.others = config.others
        return request
    }
}
