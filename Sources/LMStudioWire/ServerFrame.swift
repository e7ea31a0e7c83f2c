/// What a server sends after the authentication, one JSON object a message.
///
/// Of signals, which no endpoint uses, only the refusal of one is known.
package enum ServerFrame: Sendable, Equatable {
    case rpcResult(id: Int, result: JSONValue?)
    /// The error is the server's error object; a text in its place is read as one with that title,
    /// anything else as an empty one.
    case rpcError(id: Int, error: JSONValue)
    case channelSend(id: Int, message: JSONValue)
    case channelClose(id: Int)
    case channelError(id: Int, error: JSONValue)
    case signalError(id: Int, error: JSONValue, isWritable: Bool)
    case communicationWarning(String, kind: String?)
    case keepAliveAck

    /// Reads a frame.
    ///
    /// - Returns: `nil` for a type that is not known, or a known one without what it needs.
    package init?(_ json: JSONValue) {
        guard case .object(let members) = json, let type = members["type"]?.string else {
            return nil
        }
        let callID = members["callId"]?.int
        let channelID = members["channelId"]?.int
        let error: JSONValue =
            switch members["error"] {
            case .object(let error): .object(error)
            case .string(let text): .object(["title": .string(text)])
            default: .object([:])
            }
        switch (type, callID, channelID) {
        case ("rpcResult", let id?, _): self = .rpcResult(id: id, result: members["result"])
        case ("rpcError", let id?, _): self = .rpcError(id: id, error: error)
        case ("channelSend", _, let id?):
            guard let message = members["message"] else { return nil }
            self = .channelSend(id: id, message: message)
        case ("channelClose", _, let id?): self = .channelClose(id: id)
        case ("channelError", _, let id?): self = .channelError(id: id, error: error)
        case ("signalError", _, _), ("writableSignalError", _, _):
            guard let id = members["subscribeId"]?.int else { return nil }
            self = .signalError(id: id, error: error, isWritable: type.hasPrefix("writable"))
        case ("communicationWarning", _, _):
            self = .communicationWarning(
                members["warning"]?.string ?? "",
                kind: members["kind"]?.string
            )
        case ("keepAliveAck", _, _): self = .keepAliveAck
        default: return nil
        }
    }

    /// The frame's JSON.
    package var json: JSONValue {
        switch self {
        case .rpcResult(let id, let result):
            .frame("rpcResult", ("callId", .id(id)), ("result", result))
        case .rpcError(let id, let error):
            .frame("rpcError", ("callId", .id(id)), ("error", error))
        case .channelSend(let id, let message):
            .frame("channelSend", ("channelId", .id(id)), ("message", message))
        case .channelClose(let id):
            .frame("channelClose", ("channelId", .id(id)))
        case .channelError(let id, let error):
            .frame("channelError", ("channelId", .id(id)), ("error", error))
        case .signalError(let id, let error, let isWritable):
            .frame(
                isWritable ? "writableSignalError" : "signalError",
                ("subscribeId", .id(id)),
                ("error", error)
            )
        case .communicationWarning(let text, let kind):
            .frame(
                "communicationWarning",
                ("warning", .string(text)),
                ("kind", kind.map { .string($0) })
            )
        case .keepAliveAck: .frame("keepAliveAck")
        }
    }
}
