package import LMStudioCore

/// What a server tells a client on the channels `getOrLoad` and `loadModel`.
///
/// The two have other words for the same steps; `reusesLoaded` chooses those of `getOrLoad`.
package enum LoadMessage {
    /// A step as the client reads it.
    package enum Step: Sendable, Hashable {
        case event(LoadEvent)
        /// The last message.
        case ready(ModelInstanceInfo)
        /// The last message, but it does not say of which instance.
        case unreadable
        /// A message that this version does not know, or that lacks what it needs, by its type.
        case unknown(type: String)
    }

    /// The message for a step; `nil` for one that the channel has no word for.
    package static func json(_ event: LoadEvent, reusesLoaded: Bool) -> JSONValue? {
        switch event {
        case .unloadingOther(let info):
            guard reusesLoaded else { return nil }
            return .frame("unloadingOtherJITModel", ("info", info.json))
        case .loading(let info, let identifier, let ambiguous):
            guard reusesLoaded else {
                let keys: JSONValue? = ambiguous.isEmpty ? nil : .strings(ambiguous)
                return .frame("resolved", ("info", info.json), ("ambiguous", keys))
            }
            return .frame(
                "startLoading",
                ("identifier", .string(identifier)),
                ("info", info.json)
            )
        case .progress(let share):
            return .frame(reusesLoaded ? "loadProgress" : "progress", ("progress", .number(share)))
        }
    }

    /// The last message; `wasLoaded` tells whether the instance was there before.
    package static func ready(
        _ info: ModelInstanceInfo,
        reusesLoaded: Bool,
        wasLoaded: Bool
    ) -> JSONValue {
        let type = reusesLoaded ? (wasLoaded ? "alreadyLoaded" : "loadSuccess") : "success"
        return .frame(type, ("info", info.json))
    }

    /// Reads a message of either channel.
    package static func step(_ json: JSONValue) -> Step {
        let type = json["type"]?.string ?? ""
        let info = json["info"] ?? .null
        switch type {
        case "unloadingOtherJITModel":
            if let other = ModelInstanceInfo(json: info) { return .event(.unloadingOther(other)) }
        case "startLoading", "resolved":
            guard let model = ModelInfo(json: info) else { break }
            return .event(
                .loading(
                    model,
                    identifier: json["identifier"]?.string ?? model.modelKey,
                    ambiguous: json["ambiguous"]?.strings ?? []
                )
            )
        case "loadProgress", "progress":
            if let share = json["progress"]?.double { return .event(.progress(share)) }
        case "alreadyLoaded", "loadSuccess", "success":
            return ModelInstanceInfo(json: info).map { .ready($0) } ?? .unreadable
        default: break
        }
        return .unknown(type: type)
    }
}
