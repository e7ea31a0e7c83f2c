public import LMStudioCore
import Synchronization

extension LocalHost {
    /// Reads a prompt, as a prediction of one token does, and saves what its slot then holds.
    public func saveCache(
        of request: PredictionRequest,
        to path: String
    ) async throws(LMStudioError) -> Int {
        if case .chat(let chat) = request.input, let file = chat.files.first {
            throw LMStudioError(
                .unsupported,
                "a chat with the file \(file.name.quoted) cannot be saved; save the messages before it"
            )
        }
        let instance = try await use(request.model)
        let owner: CacheOwner
        do throws(LMStudioError) {
            owner = try instance.owner()
        } catch {
            endUse(of: instance)
            throw error
        }
        let channel = PredictionChannel()
        let kept = Mutex<SequenceState?>(nil)
        instance.keepState(of: channel) { state in kept.withLock { $0 = state } }
        defer { instance.forgetState(of: channel) }
        predict(request.toBeSaved, with: instance, into: channel)
        let result = try await PredictionStream(channel).result()
        guard result.stats.stopReason != .modelUnloaded else {
            throw LMStudioError(
                .modelNotFound,
                "the model was unloaded while it read the prompt; load it again"
            )
        }
        guard let state = kept.withLock({ $0 }) else {
            throw LMStudioError(
                .unsupported,
                "llama.cpp cannot save what this model keeps of a prompt"
            )
        }
        try CacheFile(owner: owner, state: state).write(to: path)
        return state.tokens.count
    }

    /// Puts a saved cache into a slot as soon as one is free; cancelling the task ends the wait for it.
    public func loadCache(
        from path: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> LoadedCache {
        let instance = try await use(model)
        defer { endUse(of: instance) }
        do throws(CacheFile.Refusal) {
            let owner: CacheOwner
            do throws(LMStudioError) {
                owner = try instance.owner()
            } catch {
                throw CacheFile.Refusal(reason: error.message)
            }
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
            guard !Task.isCancelled else {
                throw LMStudioError(.cancelled, "loading the cache was cancelled")
            }
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
        request.config.tools = config.tools
        request.config.toolChoice = config.toolChoice
        request.config.others = config.others
        return request
    }
}
