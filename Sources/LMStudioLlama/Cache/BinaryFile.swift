import LMStudioCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A regular file that is read piece by piece.
///
/// Not a memory map: a mapped file that another process cuts short kills this one with SIGBUS.
struct BinaryFile: ~Copyable {
    /// Its size when it was opened, bytes.
    let size: UInt64
    private let descriptor: Int32

    /// Opens a file; `nil` if there is none that can be read.
    init?(path: String) {
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        size = UInt64(max(status.st_size, 0))
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Reads bytes from a place on; `nil` if the file ends before or cannot be read.
    func read<Element: BitwiseCopyable>(
        _ type: Element.Type,
        count: Int,
        at offset: UInt64
    ) -> [Element]? {
        var isWhole = false
        let elements = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var done = 0
            while done < bytes.count {
                let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                let read = pread(descriptor, piece.baseAddress, piece.count, Int(offset) + done)
                if read > 0 {
                    done += read
                } else if read == 0 || errno != EINTR {
                    break
                }
            }
            isWhole = done == bytes.count
            filled = isWhole ? count : 0
        }
        return isWhole ? elements : nil
    }

    /// Writes a file in one step: whoever opens it finds the old one or the whole new one.
    ///
    /// A symbolic link stays one; what it leads to is written.
    ///
    /// - Throws: `.invalidArgument` naming the file and what the system says, or that it is no regular file.
    static func write(_ pieces: [[UInt8]], to name: String) throws(LMStudioError) {
        var path = name
        if let resolved = realpath(name, nil) {
            path = String(cString: resolved)
            free(resolved)
            var status = stat()
            // A device would be replaced by a file.
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw LMStudioError(
                    .invalidArgument,
                    "cannot write \(name.quoted): it is there and is no regular file; give another path"
                )
            }
        }
        let draft = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw unwritable(path) }
        let isWritten =
            pieces.allSatisfy { $0.withUnsafeBytes { $0.write(to: descriptor) } }
            && fsync(descriptor) == 0
        let isClosed = close(descriptor) == 0
        guard isWritten, isClosed, rename(draft, path) == 0 else {
            let error = unwritable(path)
            unlink(draft)
            throw error
        }
    }

    private static func unwritable(_ path: String) -> LMStudioError {
        let reason = errno
        let hint =
            switch reason {
            case ENOSPC, EDQUOT: "make room, or give a path on another disk"
            case ENAMETOOLONG: "give a shorter name"
            default: "give a path in a directory that is there"
            }
        return LMStudioError(
            .invalidArgument,
            "cannot write \(path.quoted): \(SystemError.words(reason)); \(hint)"
        )
    }
}
