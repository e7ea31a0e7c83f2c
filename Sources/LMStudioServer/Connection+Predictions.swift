import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

/// A prediction whose events go to a client.
struct RunningPrediction {
    let channel: PredictionChannel
    /// Its place on the server.
    let place: Service.Place
    /// Whether its client has asked for its end.
    var isCancelled = false
    /// What is told again when there was nothing to tell for long.
    var lastProgress = PredictionMessage.promptProgress(0, nil).json
    var lastSent = NIODeadline.now()
}

extension Connection {
    /// Events of one prediction that are sent before another one has its turn.
    private static let eventsPerTurn = 256

    /// Begins a prediction.
    func predict(_ kind: ServerEndpoint.Channel, _ id: Int, _ parameter: JSONValue?) {
        var request: PredictionRequest
        let place: Service.Place
        do throws(LMStudioError) {
            let parameter = try PredictionParameter(parameter, of: kind)
            request = parameter.request
            if let files, case .chat(let chat) = request.input {
                request.input = .chat(try files.attached(to: chat))
            }
            for warning in parameter.warnings + (try service.host.review(request.config)) {
                service.logger.warning("\(namespace): \(warning)")
            }
            place = try service.place()
        } catch {
            return endChannel(id, error: error)
        }
        let prediction = PredictionChannel()
        predictions[id] = RunningPrediction(channel: prediction, place: place)
        startHeartbeat()
        service.host.predict(request, into: prediction)
        if service.logStreams.areHeard(of: credentials?.clientIdentifier) { tellInput(of: request) }
        pump(id)
    }

    /// Predictions go on: the client has read what it was sent.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if channel.isWritable {
            let waiting = paused
            paused = []
            for id in waiting.sorted() { pump(id) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Sends what a prediction has to say, and comes back when there is more.
    func pump(_ id: Int) {
        guard let prediction = predictions[id]?.channel else { return }
        let bound = bound
        let again: @Sendable () -> Void = { [loop = channel.eventLoop] in
            loop.execute { bound.value.pump(id) }
        }
        do throws(LMStudioError) {
            for turn in 0..<Self.eventsPerTurn {
                guard channel.isWritable else {
                    paused.insert(id)
                    return
                }
                switch try prediction.next() {
                case .event(let event):
                    if turn == 0 { predictions[id]?.lastSent = .now() }
                    send(event, id)
                case .pending: return prediction.wait(again)
                case .finished: return try finish(id, prediction)
                }
            }
            again()
        } catch {
            predictions[id] = nil
            endChannel(id, error: error)
        }
    }

    private func send(_ event: PredictionEvent, _ id: Int) {
        switch event {
        case .fragment(let fragment) where !fragment.content.isEmpty:
            guard !isClosing else { return }
            // Without a JSON tree in between: there is one for each token.
            scratch.removeAll(keepingCapacity: true)
            FragmentWriter.append(fragment, channel: id, to: &scratch)
            output.writeFrame { $0.writeBytes(scratch) }
            scheduleFlush()
        case .promptProgress(let share, let counts):
            let message = PredictionMessage.promptProgress(share, counts).json
            predictions[id]?.lastProgress = message
            send(message, channel: id)
        case .toolCall(let event): send(event.message, channel: id)
        case .firstToken, .fragment: return
        }
    }

    private func finish(_ id: Int, _ prediction: PredictionChannel) throws(LMStudioError) {
        guard let result = try prediction.result() else { return }
        let running = predictions.removeValue(forKey: id)
        var summary = result.summary
        // A server that stops takes its models with it; no user did this.
        if summary.stats.stopReason == .userStopped, running?.isCancelled != true {
            summary.stats.stopReason = .modelUnloaded
        }
        send(PredictionMessage.success(summary).json, channel: id)
        service.logStreams.send(
            .predictionOutput(result.content, summary.stats, summary.modelInfo),
            of: credentials?.clientIdentifier
        )
        endChannel(id)
    }
}
