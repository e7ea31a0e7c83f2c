package import LMStudioCore

extension ModelInfo {
    /// Reads LM Studio's model info object, with what is missing left empty.
    ///
    /// - Returns: `nil` for a model of another type than this version knows, or without any name.
    package init?(json: JSONValue) {
        let domain = json["type"].map { ModelDomain(rawValue: $0.string ?? "") } ?? .llm
        let path = json["path"]?.string
        let key = json["modelKey"]?.string ?? json["identifier"]?.string ?? path
        guard let domain, let key else { return nil }
        self.init(
            domain: domain,
            modelKey: key,
            format: json["format"]?.string ?? "",
            displayName: json["displayName"]?.string ?? key,
            publisher: json["publisher"]?.string ?? "",
            path: path ?? "",
            sizeBytes: Int64(json["sizeBytes"]?.count ?? 0),
            parameters: json["paramsString"]?.string,
            architecture: json["architecture"]?.string,
            quantization: json["quantization"].flatMap { Quantization(json: $0) },
            maxContextLength: json["maxContextLength"]?.count ?? 0,
            hasChatTemplate: json["hasChatTemplate"]?.bool ?? false,
            vision: json["vision"]?.bool ?? false,
            trainedForToolUse: json["trainedForToolUse"]?.bool ?? false
        )
    }

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
            "maxContextLength": .whole(maxContextLength),
            "hasChatTemplate": .bool(hasChatTemplate),
        ]
        if domain == .llm {
            members["vision"] = .bool(vision)
            members["trainedForToolUse"] = .bool(trainedForToolUse)
        }
        members["paramsString"] = parameters.map { .string($0) }
        members["architecture"] = architecture.map { .string($0) }
        members["quantization"] = quantization.map {
            .object(["name": .string($0.name), "bits": .whole($0.bits)])
        }
        return members
    }
}

extension ModelInfo.Quantization {
    fileprivate init?(json: JSONValue) {
        guard let name = json["name"]?.string else { return nil }
        self.init(name: name, bits: json["bits"]?.count ?? 0)
    }
}

extension ModelInstanceInfo {
    /// Reads LM Studio's model instance info object, with what is missing left empty.
    ///
    /// - Returns: `nil` for a model of another type than this version knows, or without any name.
    package init?(json: JSONValue) {
        guard let model = ModelInfo(json: json) else { return nil }
        self.init(
            model: model,
            identifier: json["identifier"]?.string ?? model.modelKey,
            instanceReference: json["instanceReference"]?.string ?? "",
            contextLength: json["contextLength"]?.count ?? 0,
            timeToLive: json["ttlMs"]?.double.flatMap { Duration(finite: $0, .milliseconds(1)) },
            lastUsedMilliseconds: json["lastUsedTime"]?.count.map { Int64($0) }
        )
    }

    /// LM Studio's model instance info object.
    package var json: JSONValue {
        var members = model.members
        members["identifier"] = .string(identifier)
        members["instanceReference"] = .string(instanceReference)
        members["contextLength"] = .whole(contextLength)
        members["ttlMs"] = timeToLive?.wholeMilliseconds ?? .null
        members["lastUsedTime"] = lastUsedMilliseconds.map { .integer($0) } ?? .null
        return .object(members)
    }
}

extension Duration {
    /// So many milliseconds; `nil` for more than a number holds, which is as good as for ever.
    package var wholeMilliseconds: JSONValue? {
        Int64(exactly: (self / .milliseconds(1)).rounded()).map { .integer($0) }
    }

    /// So many times a unit; `nil` for what is no time: negative, not finite, or above 30,000 years.
    init?(finite value: Double, _ unit: Duration) {
        guard value >= 0, value * (unit / .seconds(1)) < 1e12 else { return nil }
        self = unit * value
    }
}
