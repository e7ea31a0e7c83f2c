import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

/// A load whose steps go to a client.
struct RunningLoad {
    let task: Task<Void, Never>
    let reusesLoaded: Bool
    /// Whether a model is really loaded; of one that was there already nothing is told but that.
    var hasBegun = false
    /// What is told again when there was nothing to tell for long.
    var lastProgress: JSONValue
    var lastSent = NIODeadline.now()
}

extension Connection {
    /// Begins to get a model.
    func load(_ kind: ServerEndpoint.Channel, _ id: Int, _ parameter: JSONValue?) {
        let domain: ModelDomain = namespace == "embedding" ? .embedding : .llm
        let request: LoadRequest
        do throws(LMStudioError) {
            let parameter = try LoadParameter(parameter, of: kind, domain: domain)
            request = parameter.request
            for warning in parameter.warnings + (try service.host.review(request.config)) {
                service.logger.warning("\(namespace): \(warning)")
            }
        } catch {
            return endChannel(id, error: error)
        }
        let (bound, loop, host) = (bound, channel.eventLoop, service.host)
        let task = Task {
            let outcome: Result<ModelInstanceInfo, LMStudioError>
            do throws(LMStudioError) {
                let info = try await host.load(request) { event in
                    loop.execute { bound.value.reported(event, id) }
                }
                try info.check(domain)
                outcome = .success(info)
            } catch {
                outcome = .failure(error)
            }
            loop.execute { bound.value.loaded(outcome, id) }
        }
        loads[id] = RunningLoad(
            task: task,
            reusesLoaded: request.reusesLoaded,
            lastProgress: LoadMessage.json(.progress(0), reusesLoaded: request.reusesLoaded)
                ?? .null
        )
        startHeartbeat()
    }

    private func reported(_ event: LoadEvent, _ id: Int) {
        guard var load = loads[id] else { return }
        guard let message = LoadMessage.json(event, reusesLoaded: load.reusesLoaded) else { return }
        switch event {
        case .unloadingOther: break
        case .loading: load.hasBegun = true
        case .progress:
            guard load.hasBegun || !load.reusesLoaded else { return }
            load.lastProgress = message
        }
        load.lastSent = .now()
        loads[id] = load
        send(message, channel: id)
    }

    private func loaded(_ outcome: Result<ModelInstanceInfo, LMStudioError>, _ id: Int) {
        guard let load = loads.removeValue(forKey: id) else { return }
        switch outcome {
        case .success(let info):
            let message = LoadMessage.ready(
                info,
                reusesLoaded: load.reusesLoaded,
                wasLoaded: !load.hasBegun
            )
            send(message, channel: id)
            endChannel(id)
        case .failure(let error): endChannel(id, error: error)
        }
    }
}
