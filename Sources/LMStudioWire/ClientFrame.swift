/// What a client sends after its authentication, one JSON object a message.
///
/// Of signals, which no endpoint uses, only the wish for one is known.
package enum ClientFrame: Sendable, Equatable {
    case rpcCall(endpoint: String, id: Int, parameter: JSONValue?)
    case channelCreate(endpoint: String, id: Int, parameter: JSONValue?)
    case channelSend(id: Int, message: JSONValue)
    case channelAck(id: Int)
    case signalSubscribe(endpoint: String, id: Int, isWritable: Bool)
    case communicationWarning(String, kind: String?)
    case keepAlive

    /// Reads a frame.
    ///
    /// - Returns: `nil` for a type that is not known, or a known one without what it needs.
    package init?(_ json: JSONValue) {
        guard case .object(let members) = json, let type = members["type"]?.string else {
            return nil
        }
        switch type {
        case "rpcCall":
            guard let id = members["callId"]?.int, let endpoint = members["endpoint"]?.string else {
                return nil
            }
            self = .rpcCall(endpoint: endpoint, id: id, parameter: members["parameter"])
        case "channelCreate":
            guard let id = members["channelId"]?.int, let endpoint = members["endpoint"]?.string
            else { return nil }
            self = .channelCreate(
                endpoint: endpoint,
                id: id,
                parameter: members["creationParameter"]
            )
        case "channelSend":
            guard let id = members["channelId"]?.int, let message = members["message"] else {
                return nil
            }
            self = .channelSend(id: id, message: message)
        case "channelAck":
            guard let id = members["channelId"]?.int else { return nil }
            self = .channelAck(id: id)
        case "signalSubscribe", "writableSignalSubscribe":
            guard let id = members["subscribeId"]?.int, let endpoint = members["endpoint"]?.string
            else { return nil }
            self = .signalSubscribe(
                endpoint: endpoint,
                id: id,
                isWritable: type.hasPrefix("writable")
            )
        case "communicationWarning":
            self = .communicationWarning(
                members["warning"]?.string ?? "",
                kind: members["kind"]?.string
            )
        case "keepAlive": self = .keepAlive
        default: return nil
        }
    }

    /// The frame's JSON.
    package var json: JSONValue {
        switch self {
        case .rpcCall(let endpoint, let id, let parameter):
            .frame(
                "rpcCall",
                ("endpoint", .string(endpoint)),
                ("callId", .id(id)),
                ("parameter", parameter)
            )
        case .channelCreate(let endpoint, let id, let parameter):
            .frame(
                "channelCreate",
                ("endpoint", .string(endpoint)),
                ("channelId", .id(id)),
                ("creationParameter", parameter)
            )
        case .channelSend(let id, let message):
            .frame("channelSend", ("channelId", .id(id)), ("message", message))
        case .channelAck(let id):
            .frame("channelAck", ("channelId", .id(id)))
        case .signalSubscribe(let endpoint, let id, let isWritable):
            .frame(
                isWritable ? "writableSignalSubscribe" : "signalSubscribe",
                ("endpoint", .string(endpoint)),
                ("subscribeId", .id(id))
            )
        case .communicationWarning(let text, let kind):
            .frame(
                "communicationWarning",
                ("warning", .string(text)),
                ("kind", kind.map { .string($0) })
            )
        case .keepAlive: .frame("keepAlive")
        }
    }
}

extension JSONValue {
    static func id(_ id: Int) -> JSONValue { .integer(Int64(id)) }

    /// A frame of a type; members that are `nil` are left out.
    package static func frame(
        _ type: String,
        _ members: (name: String, value: JSONValue?)...
    ) -> JSONValue {
        var object: [String: JSONValue] = ["type": .string(type)]
        for member in members { object[member.name] = member.value }
        return .object(object)
    }
}
