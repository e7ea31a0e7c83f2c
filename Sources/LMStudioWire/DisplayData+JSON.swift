package import LMStudioCore

extension LMStudioErrorDetails.DisplayData {
    /// Reads an error's display data; what is missing in it is left empty.
    ///
    /// - Returns: `nil` without a code.
    package init?(json: JSONValue) {
        guard let code = json["code"]?.string else { return nil }
        func text(_ name: String) -> String { json[name]?.string ?? "" }
        func names(_ name: String) -> [String] { json[name]?.strings ?? [] }
        func count(_ name: String) -> Int { json[name]?.count ?? 0 }
        switch code {
        case "generic.specificModelUnloaded": self = .specificModelUnloaded
        case "generic.noModelMatchingQuery":
            self = .noModelMatchingQuery(
                json["query"].flatMap { ModelQuery(json: $0) } ?? ModelQuery(),
                loaded: names("loadedModelsSample"),
                total: count("totalLoadedModels")
            )
        case "generic.pathNotFound":
            self = .pathNotFound(
                text("path"),
                available: names("availablePathsSample"),
                total: count("totalModels")
            )
        case "generic.identifierNotFound":
            self = .identifierNotFound(
                text("identifier"),
                loaded: names("loadedModelsSample"),
                total: count("totalLoadedModels")
            )
        case "generic.domainMismatch":
            guard let actual = ModelDomain(rawValue: text("actualDomain")),
                let expected = ModelDomain(rawValue: text("expectedDomain"))
            else {
                self = .other(code)
                return
            }
            self = .domainMismatch(path: text("path"), actual: actual, expected: expected)
        case "generic.engineDoesNotSupportFeature":
            self = .engineDoesNotSupportFeature(text("feature"))
        case "generic.presetNotFound":
            self = .presetNotFound(text("specifiedFuzzyPresetIdentifier"))
        default: self = .other(code)
        }
    }

    /// The display data with all the members that official clients ask for.
    package var json: JSONValue {
        switch self {
        case .specificModelUnloaded: Self.data("generic.specificModelUnloaded")
        case .noModelMatchingQuery(let query, let loaded, let total):
            Self.data(
                "generic.noModelMatchingQuery",
                [
                    "query": query.json, "loadedModelsSample": .strings(loaded),
                    "totalLoadedModels": .whole(total),
                ]
            )
        case .pathNotFound(let path, let available, let total):
            Self.data(
                "generic.pathNotFound",
                [
                    "path": .string(path), "availablePathsSample": .strings(available),
                    "totalModels": .whole(total),
                ]
            )
        case .identifierNotFound(let identifier, let loaded, let total):
            Self.data(
                "generic.identifierNotFound",
                [
                    "identifier": .string(identifier), "loadedModelsSample": .strings(loaded),
                    "totalLoadedModels": .whole(total),
                ]
            )
        case .domainMismatch(let path, let actual, let expected):
            Self.data(
                "generic.domainMismatch",
                [
                    "path": .string(path), "actualDomain": .string(actual.rawValue),
                    "expectedDomain": .string(expected.rawValue),
                ]
            )
        case .engineDoesNotSupportFeature(let feature):
            Self.data(
                "generic.engineDoesNotSupportFeature",
                [
                    "feature": .string(feature), "engineName": .string("llama.cpp"),
                    "engineType": .string("llama.cpp"), "installedVersion": .string(""),
                    "supportedVersion": .null,
                ]
            )
        case .presetNotFound(let name):
            Self.data(
                "generic.presetNotFound",
                [
                    "specifiedFuzzyPresetIdentifier": .string(name),
                    "availablePresetsSample": .array([]), "totalAvailablePresets": .whole(0),
                ]
            )
        case .other(let code): Self.data(code)
        }
    }

    private static func data(_ code: String, _ members: [String: JSONValue] = [:]) -> JSONValue {
        .object(members.merging(["code": .string(code)]) { $1 })
    }

    /// The code of the error that it goes with.
    var code: LMStudioError.Code {
        switch self {
        case .specificModelUnloaded, .noModelMatchingQuery, .pathNotFound, .identifierNotFound:
            .modelNotFound
        case .presetNotFound: .presetNotFound
        case .domainMismatch, .engineDoesNotSupportFeature, .other: .server
        }
    }

    /// The names that a caller may have meant, for a message; `nil` if there are none, or the rest of
    /// the message has them already.
    func names(besides rest: String) -> String? {
        let (kind, names, total): (String, [String], Int)
        switch self {
        case .noModelMatchingQuery(_, let loaded, let count),
            .identifierNotFound(_, let loaded, let count):
            (kind, names, total) = ("loaded", loaded, count)
        case .pathNotFound(_, let available, let count):
            (kind, names, total) = ("available", available, count)
        default: return nil
        }
        guard names.contains(where: { !rest.hasPart($0) }) else { return nil }
        let more = total > names.count ? " and \(total - names.count) more" : ""
        return "\(kind) are " + names.map { "\"\($0)\"" }.joined(separator: ", ") + more
    }
}
