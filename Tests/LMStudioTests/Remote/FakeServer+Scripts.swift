import LMStudioCore
import LMStudioTesting
import LMStudioWire

extension FakeServer {
    private static func send(_ id: Int, _ message: JSONValue) -> Action {
        .text(ServerFrame.channelSend(id: id, message: message).json.text)
    }

    /// Counts three tokens in everything.
    private static func count(_ id: Int) -> [Action] {
        [
            .text(
                ServerFrame.rpcResult(id: id, result: .object(["tokenCount": .integer(3)])).json
                    .text
            )
        ]
    }

    /// What a prediction says between its beginning and its end.
    static func progress(_ id: Int, _ fragments: [String]) -> [Action] {
        let steps = [0.5, 1].map { PredictionMessage.promptProgress($0, nil).json }
        let texts = fragments.map {
            PredictionMessage.fragment(PredictionFragment(content: $0, tokensCount: 1)).json
        }
        return (steps + texts).map { send(id, $0) }
    }

    /// The end of a prediction.
    static func success(_ id: Int, _ reason: PredictionStats.StopReason) -> [Action] {
        var config = PredictionConfig(temperature: 0)
        config.contextOverflowPolicy = .stopAtLimit
        var summary = PredictionSummary.sample(reason, config: config)
        summary.stats.promptTokensCount = 3
        summary.loadConfig.contextLength = 4096
        return [
            send(id, PredictionMessage.success(summary).json),
            .text(ServerFrame.channelClose(id: id).json.text),
        ]
    }

    /// Completes everything with the same fragments.
    static func completing(_ fragments: [String]) -> Script {
        script { frame in
            switch frame {
            case .channelCreate(_, let id, _):
                progress(id, fragments) + success(id, .eosFound)
            case .rpcCall(_, let id, _): count(id)
            default: []
            }
        }
    }

    /// Sends one fragment and waits to be cancelled.
    static let endless: Script = script { frame in
        switch frame {
        case .channelCreate(_, let id, _): progress(id, ["a"])
        case .channelSend(let id, _): success(id, .userStopped)
        case .rpcCall(_, let id, _): count(id)
        default: []
        }
    }
}
