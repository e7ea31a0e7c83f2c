import LMStudioCore
import LMStudioWire
import NIOCore

extension Connection {
    /// Lets the client listen to the log, until it says stop or is gone.
    ///
    /// Programs on this computer hear of all clients, as long as anybody may come in; others of themselves.
    func streamLogs(_ id: Int) {
        guard let credentials else { return }
        let key = LogStreams.Key(connection: ObjectIdentifier(self), channel: id)
        let bound = bound
        service.logStreams.add(
            key,
            of: credentials.clientIdentifier,
            hearsAll: service.configuration.apiTokens.isEmpty
                && channel.remoteAddress?.isLoopback == true,
            on: channel.eventLoop
        ) { message in
            let this = bound.value
            guard this.session.isOpen(channel: id) else {
                return this.service.logStreams.remove { $0 == key }
            }
            this.send(message, channel: id)
        }
    }

    /// Tells what a model reads for a prediction, once its template has rendered it.
    func tellInput(of request: PredictionRequest) {
        let (service, client) = (service, credentials?.clientIdentifier)
        Task {
            do throws(LMStudioError) {
                let info = try await service.host.instanceInfo(request.model)
                let text =
                    switch request.input {
                    case .text(let text): text
                    case .chat(let chat):
                        try await service.host.applyPromptTemplate(
                            chat,
                            config: request.config,
                            options: PromptTemplateOptions(),
                            with: request.model
                        )
                    }
                service.logStreams.send(.predictionInput(text, info), of: client)
            } catch {
                // What could not be found or rendered tells its own client so, by its prediction.
            }
        }
    }
}
