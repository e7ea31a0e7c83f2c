import LMStudioCore

extension ModelStore {
    /// A model whose header was read and that has no name yet.
    struct UnnamedModel {
        /// Path in the store, or absolute.
        let path: String
        let metadata: GGUFMetadata
        let files: [String]
        private let sizeBytes: Int64
        private let parameterCount: UInt64

        /// Reads the header of a model.
        ///
        /// - Parameters:
        ///   - found: its files, at least one; parts of a split model in order.
        ///   - directory: what their paths begin from; empty: the root.
        /// - Throws: `.engine` if the first file is missing or damaged.
        init(_ found: [StoreWalk.Found], in directory: String) throws(LMStudioError) {
            let first = found[0]
            let prefix = directory.isEmpty ? "" : directory + "/"
            path = first.path
            var names = [DiskPath.name(first.path)]
            if let split = SplitName(fileName: names[0]) {
                names = split.allNames
                guard split.number == 1 else {
                    throw LMStudioError(
                        .engine,
                        "cannot use model file \(prefix)\(path): \(names[0]), the first of the model's \(names.count) parts, is missing"
                    )
                }
            }
            let parent = DiskPath.parent(prefix + first.path)
            files = names.map { "\(parent)/\($0)" }
            metadata = try HeaderCache.metadata(path: files[0], status: first.status)
            guard metadata.splitIndex == 0 else {
                throw LMStudioError(
                    .engine,
                    "cannot use model file \(files[0]): it is part \(metadata.splitIndex + 1) of \(metadata.splitCount) of a split model, "
                        + "and not named like one (…-00001-of-\(metadata.splitCount).gguf)"
                )
            }
            guard metadata.tensorCount > 0 || metadata.splitCount > 1 else {
                throw LMStudioError(
                    .engine,
                    "cannot use model file \(files[0]): it holds no weights, only a vocabulary"
                )
            }
            var sizeBytes: Int64 = 0
            var count = metadata.parameterCount
            for (index, file) in files.enumerated() {
                guard
                    let status = index < found.count && found[index].path.hasSuffix(names[index])
                        ? found[index].status : FileStatus(path: file)
                else { continue }
                sizeBytes += status.size
                if index > 0, let part = try? HeaderCache.metadata(path: file, status: status) {
                    count = count.addingReportingOverflow(part.parameterCount).partialValue
                }
            }
            self.sizeBytes = sizeBytes
            parameterCount = count
        }

        /// Whether it is no model, but lets those beside it see images.
        var isProjector: Bool {
            metadata.isProjector || DiskPath.name(path).lowercased().hasPart("mmproj")
        }

        var candidate: ModelKey.Candidate {
            .init(
                path: path,
                domain: metadata.domain,
                quantization: quantization,
                sizeBytes: sizeBytes
            )
        }

        /// The model, under a name.
        func model(named name: ModelKey.Name) -> StoredModel {
            let info = ModelInfo(
                domain: metadata.domain,
                modelKey: name.key,
                displayName: ModelKey.displayName(path: path),
                publisher: ModelKey.Place(path: path).publisher,
                path: path,
                sizeBytes: sizeBytes,
                parameters: metadata.sizeLabel ?? ParameterCount.text(parameterCount),
                architecture: metadata.architecture,
                quantization: quantization,
                maxContextLength: metadata.contextLength,
                hasChatTemplate: metadata.hasChatTemplate,
                trainedForToolUse: metadata.mentionsTools
            )
            return StoredModel(info: info, file: files[0], files: files, plainKey: name.plain)
        }

        private var quantization: ModelInfo.Quantization? { metadata.fileType?.quantization }
    }
}

/// Numbers of parameters for people.
enum ParameterCount {
    /// `135M`, `1.2B`, `7B`: two digits where one would say little; `nil` for none.
    static func text(_ count: UInt64) -> String? {
        guard count > 0 else { return nil }
        let units: [(UInt64, String)] = [
            (1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"),
        ]
        // From 999.5 of a unit on it is one of the next.
        guard let (unit, name) = units.first(where: { count >= $0.0 - $0.0 / 2_000 }) else {
            return String(count)
        }
        let tenths = (count / (unit / 100) + 5) / 10
        if tenths >= 100 { return "\((count / (unit / 10) + 5) / 10)\(name)" }
        return tenths % 10 == 0 ? "\(tenths / 10)\(name)" : "\(tenths / 10).\(tenths % 10)\(name)"
    }
}
