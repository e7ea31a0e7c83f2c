import LMStudioCore

/// The files that a loaded model reads its weights from when it needs them.
///
/// Reading behind the end of a file that was cut since would end the process (SIGBUS).
struct MappedFiles: Sendable {
    private let files: [(path: String, status: FileStatus)]

    /// Looks at the files; of a model that is wholly in memory there are none.
    init(_ paths: [String], config: LoadConfig) {
        let paths = config.tryMmap == false ? [] : paths
        files = paths.compactMap { path in FileStatus(path: path).map { (path, $0) } }
    }

    /// Refuses to compute with what is no longer there; a file that another one took the place of still is.
    ///
    /// - Throws: `.invalidState` naming the file.
    func check() throws(LMStudioError) {
        for (path, then) in files {
            guard let now = FileStatus(path: path), now.identity == then.identity,
                now.size < then.size
            else { continue }
            throw LMStudioError(
                .invalidState,
                "\(path.quoted) was cut from \(then.size) to \(now.size) bytes while its model was loaded; "
                    + "unload the model, and load it again when the file is whole"
            )
        }
    }
}
