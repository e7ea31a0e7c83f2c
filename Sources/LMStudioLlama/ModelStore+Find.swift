import LMStudioCore

extension ModelStore {
    /// The model of a name: a key, a path of a `.gguf` file, the start of a path in the store, or a
    /// part of a key that no other has; case does not matter.
    ///
    /// - Throws: `.modelNotFound` if there is none or more than one, with near keys; `.invalidArgument`
    ///   for a name that cannot be one; `.engine` if it is the name of a damaged file.
    func find(_ name: String) throws(LMStudioError) -> StoredModel {
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw LMStudioError(
                .invalidArgument,
                name.isEmpty
                    ? "the model's name is empty" : "the model's name holds a NUL character"
            )
        }
        let survey = try survey()
        let wanted = name.lowercased()
        if let model = Self.withKey(wanted, in: survey.models) { return model }
        if name.hasPrefix("/") || name.hasPrefix("~/") {
            let path = DiskPath.absolute(name)
            guard !Peer.isAsking || survey.models.contains(where: { $0.files.contains(path) })
            else {
                throw notFound(name, survey)
            }
            return try model(atPath: path, named: name, survey)
        }
        guard let path = DiskPath.contained(name) else {
            // A client of a server gets no file by its path.
            guard !Peer.isAsking else { throw notFound(name, survey) }
            throw LMStudioError(
                .invalidArgument,
                "the model's name \(name.quoted) leads out of the model store: give the absolute path of the file"
            )
        }
        if let model = try withPath(path, in: survey) { return model }
        if wanted.hasSuffix(".gguf"), !Peer.isAsking,
            FileStatus(path: DiskPath.absolute(name)) != nil
        {
            return try model(atPath: DiskPath.absolute(name), named: name, survey)
        }
        if let broken = Self.broken(wanted, path: path, in: survey) { throw broken }
        let partial = survey.models.filter { $0.info.modelKey.hasPart(wanted) }
        if let model = try only(of: partial, named: name, why: "is part of the keys of") {
            return model
        }
        throw notFound(name, survey)
    }

    /// The keys of the models that a name may mean, if it leaves open which variant of one.
    func variants(of model: StoredModel, named name: String) -> [String] {
        guard model.plainKey != model.info.modelKey, name.lowercased() == model.plainKey,
            let models = try? scan()
        else { return [] }
        let keys = models.filter { $0.plainKey == model.plainKey }.map(\.info.modelKey)
        return keys.count > 1 ? keys : []
    }

    private static func withKey(_ wanted: String, in models: [StoredModel]) -> StoredModel? {
        models.first { $0.info.modelKey == wanted }
            ?? preferred(models.filter { $0.plainKey == wanted })
    }

    /// A model of a path in the store, whole directories before beginnings of names.
    private func withPath(_ path: String, in survey: Survey) throws(LMStudioError) -> StoredModel? {
        let wanted = path.lowercased()
        guard !wanted.isEmpty else { return nil }
        let starting = survey.models.filter { $0.info.path.lowercased().hasPrefix(wanted) }
        let whole = starting.filter {
            $0.info.path.count == path.count || $0.info.path.lowercased().hasPrefix(wanted + "/")
        }
        return try only(
            of: whole.isEmpty ? starting : whole,
            named: path,
            why: "is the start of the paths of"
        )
    }

    /// The model if there is one, or the preferred one of its variants.
    private func only(
        of models: [StoredModel],
        named name: String,
        why: String
    ) throws(LMStudioError) -> StoredModel? {
        guard Set(models.map(\.plainKey)).count > 1 else { return Self.preferred(models) }
        throw Self.pathNotFound(
            name,
            among: models,
            "\(name.quoted) \(why) several models: \(Self.list(models)); name one of them in full"
        )
    }

    private func model(
        atPath path: String,
        named name: String,
        _ survey: Survey
    ) throws(LMStudioError) -> StoredModel {
        guard let status = FileStatus(path: path) else {
            throw Self.pathNotFound(name, among: survey.models, "there is no file \(path)")
        }
        if status.isDirectory {
            if path.hasPrefix(directory + "/"),
                let model = try withPath(String(path.dropFirst(directory.count + 1)), in: survey)
            {
                return model
            }
            throw Self.pathNotFound(
                name,
                among: survey.models,
                "\(path) is a directory: name a .gguf file in it, or set LMSTUDIO_MODELS_DIR to it"
            )
        }
        let stored = survey.models.first { model in
            model.files.contains { $0 == path || FileStatus(path: $0)?.identity == status.identity }
        }
        if let stored { return stored }
        return try modelOutside(path: path)
    }

    /// Why a file of the store that this means cannot be used.
    private static func broken(
        _ wanted: String,
        path: String,
        in survey: Survey
    ) -> LMStudioError? {
        survey.broken.first { file in
            let place = ModelKey.Place(path: file.path)
            let names = [place.repository, place.stem].map { ModelKey.bare($0).lowercased() }
            return names.contains(wanted)
                || "\(file.path)/".lowercased().hasPrefix("\(path)/".lowercased())
        }?.error
    }

    private func notFound(_ name: String, _ survey: Survey) -> LMStudioError {
        guard !survey.models.isEmpty else {
            let error = noModels(survey)
            return Self.pathNotFound(
                name,
                among: [],
                "no model \(name.quoted): \(error.message)"
            )
        }
        let keys = survey.models.map(\.info.modelKey)
        let near = Suggestion.nearest(to: name, in: keys)
        var message = "there is no model \(name.quoted) in \(directory)"
        if !near.isEmpty { message += "; did you mean \(near.joined(separator: " or "))?" }
        if keys.count <= 10 {
            message +=
                (near.isEmpty ? ";" : "") + " the models there: \(keys.joined(separator: ", "))"
        }
        if let first = survey.problems.first {
            message +=
                "; \(survey.problems.count) of its files cannot be used, the first: \(first.message)"
        }
        return Self.pathNotFound(name, among: survey.models, message)
    }

    private static func pathNotFound(
        _ name: String,
        among models: [StoredModel],
        _ message: String
    ) -> LMStudioError {
        LMStudioError(
            .modelNotFound,
            message,
            details: LMStudioErrorDetails(
                title: "no model \(name.quoted)",
                display: .pathNotFound(
                    name,
                    available: models.prefix(5).map(\.info.modelKey),
                    total: models.count
                )
            )
        )
    }
}
