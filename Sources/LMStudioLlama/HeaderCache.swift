import LMStudioCore
import Synchronization

/// Headers of model files read in this process, so that looking again costs a `stat` a file.
enum HeaderCache {
    private struct Entry {
        var status: FileStatus
        var metadata: GGUFMetadata
    }

    private static let limit = 16_384
    private static let entries = Mutex<[String: Entry]>([:])

    /// The metadata of a file, read unless it is the one that was read before.
    ///
    /// - Parameters:
    ///   - path: absolute path of the file.
    ///   - status: the file's, taken before, so that a change meanwhile is noticed later.
    /// - Returns: the metadata.
    /// - Throws: as ``GGUFFile/init(path:)``.
    static func metadata(path: String, status: FileStatus) throws(LMStudioError) -> GGUFMetadata {
        if let entry = entries.withLock({ $0[path] }), entry.status == status {
            return entry.metadata
        }
        let metadata = try GGUFFile(path: path).metadata
        entries.withLock { entries in
            if entries.count >= limit { entries.removeAll() }
            entries[path] = Entry(status: status, metadata: metadata)
        }
        return metadata
    }
}
