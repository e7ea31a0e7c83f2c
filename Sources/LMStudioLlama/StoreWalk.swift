import LMStudioCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Finds the `.gguf` files below a directory.
///
/// Symbolic links are followed, no directory is entered twice, hidden names are passed over.
struct StoreWalk {
    /// A file that was found.
    struct Found {
        /// Path from the directory the walk began in.
        var path: String
        var status: FileStatus
    }

    /// What was found, ordered by path, directory by directory.
    private(set) var files: [Found] = []
    /// Directories that could not be read, and why the walk ended early, if it did.
    private(set) var problems: [LMStudioError] = []

    private var visited: Set<FileStatus.Identity> = []
    private var entryCount = 0
    private let root: String
    private let depthLimit: Int

    static let maximumDepth = 6
    static let maximumFiles = 10_000
    static let maximumEntries = 200_000

    /// Walks through a directory; one that does not exist is empty.
    ///
    /// - Parameters:
    ///   - root: the directory.
    ///   - depth: how many levels deep to look; 1: in this directory only.
    /// - Throws: `.invalidArgument` if it is no directory.
    init(_ root: String, depth: Int = maximumDepth) throws(LMStudioError) {
        self.root = root
        depthLimit = depth
        guard let status = FileStatus(path: root) else { return }
        guard status.isDirectory else {
            throw LMStudioError(
                .invalidArgument,
                "the model store \(root) is not a directory: set LMSTUDIO_MODELS_DIR to one that holds models"
            )
        }
        visited.insert(status.identity)
        walk("", depth: 1)
    }

    private mutating func walk(_ directory: String, depth: Int) {
        var directories: [String] = []
        for name in names(in: directory) {
            let path = directory.isEmpty ? name : "\(directory)/\(name)"
            guard let status = FileStatus(path: "\(root)/\(path)") else { continue }
            if status.isDirectory {
                if depth < depthLimit, visited.insert(status.identity).inserted {
                    directories.append(path)
                }
            } else if status.isRegularFile, name.lowercased().hasSuffix(".gguf") {
                guard files.count < Self.maximumFiles else {
                    return report(
                        "\(root) holds more than \(Self.maximumFiles) .gguf files, the rest is passed over"
                    )
                }
                files.append(Found(path: path, status: status))
            }
        }
        for directory in directories { walk(directory, depth: depth + 1) }
    }

    /// The names in a directory that are not hidden, sorted.
    private mutating func names(in directory: String) -> [String] {
        let path = "\(root)/\(directory)"
        guard let stream = opendir(path) else {
            report("cannot read directory \(path): \(SystemError.words(errno))")
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            entryCount += 1
            guard entryCount <= Self.maximumEntries else {
                report(
                    "\(root) holds more than \(Self.maximumEntries) files, the rest is passed over"
                )
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(
                    to: CChar.self,
                    capacity: MemoryLayout.size(ofValue: $0.pointee)
                ) {
                    String(validatingCString: $0)
                }
            }
            if let name, !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private mutating func report(_ problem: String) {
        if problems.last?.message != problem { problems.append(LMStudioError(.engine, problem)) }
    }
}
