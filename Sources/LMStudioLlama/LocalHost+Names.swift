import LMStudioCore

extension LocalHost {
    /// The loaded instance that is meant.
    ///
    /// - Throws: `.modelNotFound` with the identifiers of the loaded ones.
    static func find(
        _ model: ModelSpecifier,
        in instances: [ModelInstance]
    ) throws(LMStudioError) -> ModelInstance {
        let found: ModelInstance? =
            switch model {
            case .instanceReference(let reference):
                instances.first { $0.instanceReference == reference }
            case .query(let query): first(query, in: instances)
            }
        guard let found else { throw missing(model, instances) }
        return found
    }

    /// The error for an instance that is not there: one of that name may be for something else.
    private static func missing(
        _ model: ModelSpecifier,
        _ instances: [ModelInstance]
    ) -> LMStudioError {
        if case .query(var query) = model, let domain = query.domain, query.identifier != nil {
            query.domain = nil
            if let other = first(query, in: instances) { return other.info.mismatch(with: domain) }
        }
        return notLoaded(model, instances)
    }

    private static func first(
        _ query: ModelQuery,
        in instances: [ModelInstance]
    ) -> ModelInstance? {
        let fitting = instances.filter { instance in
            let model = instance.modelInfo
            return query.domain.map { $0 == model.domain } ?? true
                && query.vision.map { $0 == model.vision } ?? true
                && query.path.map { isStart($0, of: model.path) } ?? true
        }
        guard let name = query.identifier else { return fitting.first }
        return named(name, in: fitting)
    }

    /// A loaded identifier, else a model key, else the start of a stored path, ignoring case.
    static func named(_ name: String, in instances: [ModelInstance]) -> ModelInstance? {
        let folded = name.lowercased()
        return called(name, in: instances)
            ?? instances.first { $0.modelInfo.modelKey.lowercased() == folded }
            ?? instances.first { isStart(name, of: $0.modelInfo.path) }
    }

    /// A loaded identifier, ignoring case.
    static func called(_ identifier: String, in instances: [ModelInstance]) -> ModelInstance? {
        let folded = identifier.lowercased()
        return instances.first { $0.identifier.lowercased() == folded }
    }

    /// Whether a path begins with another one, whole parts and ignoring case.
    private static func isStart(_ start: String, of path: String) -> Bool {
        (path.lowercased() + "/").hasPrefix(start.lowercased() + "/")
    }

    private static func notLoaded(
        _ model: ModelSpecifier,
        _ instances: [ModelInstance]
    ) -> LMStudioError {
        let loaded = instances.map(\.identifier)
        let sample = Array(loaded.prefix(5))
        let display: LMStudioErrorDetails.DisplayData
        let wanted: String
        switch model {
        case .instanceReference(let reference):
            wanted = "the instance \"\(reference)\" was unloaded"
            display = .specificModelUnloaded
        case .query(let query):
            wanted =
                switch query {
                case ModelQuery(): "no model is loaded"
                case ModelQuery(identifier: query.identifier):
                    "no loaded model is called \"\(query.identifier ?? "")\""
                default: "no loaded model is \(model)"
                }
            display = .noModelMatchingQuery(query, loaded: sample, total: loaded.count)
        }
        return notLoaded(wanted, loaded, display, "; load it first")
    }

    /// The error of an unload by name.
    static func identifierNotFound(
        _ identifier: String,
        _ instances: [ModelInstance]
    ) -> LMStudioError {
        let loaded = instances.map(\.identifier)
        return notLoaded(
            "no loaded model is called \"\(identifier)\"",
            loaded,
            .identifierNotFound(identifier, loaded: Array(loaded.prefix(5)), total: loaded.count)
        )
    }

    private static func notLoaded(
        _ wanted: String,
        _ loaded: [String],
        _ display: LMStudioErrorDetails.DisplayData,
        _ hint: String = ""
    ) -> LMStudioError {
        let names = loaded.map { "\"\($0)\"" }.joined(separator: ", ")
        return LMStudioError(
            .modelNotFound,
            "\(wanted); \(names.isEmpty ? "none is loaded" : "loaded: \(names)")\(hint)",
            details: LMStudioErrorDetails(title: wanted, display: display)
        )
    }
}
