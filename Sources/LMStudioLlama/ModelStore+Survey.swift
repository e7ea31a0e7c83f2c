import LMStudioCore

extension ModelStore {
    /// What a look through the store found.
    struct Survey: Sendable {
        /// The usable models, sorted by key.
        var models: [StoredModel] = []
        /// The files that look like models and cannot be used.
        var broken: [BrokenFile] = []
        /// The directories that could not be read.
        var unreadable: [LMStudioError] = []

        /// Why something is missing from `models`.
        var problems: [LMStudioError] { unreadable + broken.map(\.error) }
    }

    /// A file that looks like a model and cannot be used.
    struct BrokenFile: Sendable {
        /// Path in the store.
        var path: String
        /// Why.
        var error: LMStudioError
    }

    /// Looks through the store.
    ///
    /// - Throws: `.invalidArgument` if the store is not a directory.
    func survey() throws(LMStudioError) -> Survey {
        let walk = try StoreWalk(directory)
        var survey = Survey(unreadable: walk.problems)
        var unnamedModels: [UnnamedModel] = []
        var projectors: [String: String] = [:]
        for files in Self.grouped(walk.files) {
            do throws(LMStudioError) {
                let unnamed = try UnnamedModel(files, in: directory)
                if unnamed.isProjector {
                    // The first by name, if there are several.
                    let place = DiskPath.parent(unnamed.path)
                    projectors[place] = projectors[place] ?? unnamed.files[0]
                } else if !unnamed.metadata.isAccessory {
                    unnamedModels.append(unnamed)
                }
            } catch {
                survey.broken.append(BrokenFile(path: files[0].path, error: error))
            }
        }
        let names = ModelKey.assign(unnamedModels.map(\.candidate))
        survey.models = zip(unnamedModels, names).map { unnamed, name in
            var model = unnamed.model(named: name)
            model.take(projector: projectors[DiskPath.parent(unnamed.path)])
            return model
        }
        survey.models.sort { ($0.info.modelKey, $0.info.path) < ($1.info.modelKey, $1.info.path) }
        return survey
    }

    /// A model outside the store, or before it has a name among others.
    ///
    /// - Parameter path: absolute path of its only or of any of its files.
    /// - Returns: the model, with its absolute path for a path in the store.
    /// - Throws: `.modelNotFound` if there is no such file, `.invalidArgument` if it is no model,
    ///   `.engine` if it is damaged.
    func modelOutside(path: String) throws(LMStudioError) -> StoredModel {
        var path = path
        if let first = SplitName(fileName: DiskPath.name(path))?.allNames.first {
            path = "\(DiskPath.parent(path))/\(first)"
        }
        guard let status = FileStatus(path: path) else {
            throw LMStudioError(.modelNotFound, "there is no file \(path)")
        }
        let unnamed = try UnnamedModel([.init(path: path, status: status)], in: "")
        guard !unnamed.metadata.isAccessory else {
            throw LMStudioError(
                .invalidArgument,
                "\(path) is not a model but a part for one (\(unnamed.metadata.type ?? unnamed.metadata.architecture))"
            )
        }
        var candidate = unnamed.candidate
        candidate.path = DiskPath.name(path)
        var model = unnamed.model(named: ModelKey.assign([candidate])[0])
        model.info.publisher = "local"
        model.info.displayName = ModelKey.displayName(path: candidate.path)
        model.take(projector: try Self.projector(in: DiskPath.parent(path)))
        return model
    }

    /// The first file by name in a directory that lets models see images.
    private static func projector(in directory: String) throws(LMStudioError) -> String? {
        let walk = try StoreWalk(directory, depth: 1)
        for found in walk.files where DiskPath.name(found.path).lowercased().hasPart("mmproj") {
            if let unnamed = try? UnnamedModel([found], in: directory), unnamed.isProjector {
                return unnamed.files[0]
            }
        }
        return nil
    }

    /// Files that belong together, the first part of a split model first.
    private static func grouped(_ files: [StoreWalk.Found]) -> [[StoreWalk.Found]] {
        var groups: [[StoreWalk.Found]] = []
        var indices: [String: Int] = [:]
        for file in files {
            guard let split = SplitName(fileName: DiskPath.name(file.path)) else {
                groups.append([file])
                continue
            }
            let key = "\(DiskPath.parent(file.path))/\(split.prefix)/\(split.count)"
            if let index = indices[key] {
                groups[index].append(file)
            } else {
                indices[key] = groups.count
                groups.append([file])
            }
        }
        return groups
    }
}
