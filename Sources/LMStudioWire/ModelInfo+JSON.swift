package import LMStudioCore

extension ModelInfo {
    /// LM Studio's model info object.
    package var json: JSONValue { .object(members) }

    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "type": .string(domain.rawValue),
            "modelKey": .string(modelKey),
            "format": .string(format),
            "displayName": .string(displayName),
            "publisher": .string(publisher),
            "path": .string(path),
            "sizeBytes": .integer(sizeBytes),
            "indexedModelIdentifier": .string(path),
            "deviceIdentifier": .null,
            "maxContextLength": .integer(Int64(maxContextLength)),
            "hasChatTemplate": .bool(hasChatTemplate),
        ]
        if domain == .llm {
            members["vision"] = .bool(vision)
            members["trainedForToolUse"] = .bool(trainedForToolUse)
        }
        members["paramsString"] = parameters.map { .string($0) }
        members["architecture"] = architecture.map { .string($0) }
        members["quantization"] = quantization.map {
            .object(["name": .string($0.name), "bits": .integer(Int64($0.bits))])
        }
        return members
    }
}

extension ModelInstanceInfo {
    /// LM Studio's model instance info object.
    package var json: JSONValue {
        var members = model.members
        members["identifier"] = .string(identifier)
        members["instanceReference"] = .string(instanceReference)
        members["contextLength"] = .integer(Int64(contextLength))
        members["ttlMs"] = timeToLive.map { .number($0 / .milliseconds(1)) } ?? .null
        members["lastUsedTime"] = lastUsedMilliseconds.map { .integer($0) } ?? .null
        return .object(members)
    }
}
