#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the file system says of a file; equal as long as the file is the same and unchanged.
struct FileStatus: Sendable, Hashable {
    /// The file itself, whatever its names.
    struct Identity: Sendable, Hashable {
        private let device: UInt64
        private let inode: UInt64

        fileprivate init(_ status: stat) {
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    let identity: Identity
    let size: Int64
    let isDirectory: Bool
    let isRegularFile: Bool
    private let modified: [Int]

    /// Looks at what a path leads to, through symbolic links; `nil` if nothing is there.
    init?(path: String) {
        var status = stat()
        guard !path.utf8.contains(0), stat(path, &status) == 0 else { return nil }
        identity = Identity(status)
        size = Int64(status.st_size)
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        isRegularFile = status.st_mode & S_IFMT == S_IFREG
        #if canImport(Darwin)
        let times = [status.st_mtimespec, status.st_ctimespec]
        #else
        let times = [status.st_mtim, status.st_ctim]
        #endif
        modified = times.flatMap { [Int($0.tv_sec), Int($0.tv_nsec)] }
    }
}
