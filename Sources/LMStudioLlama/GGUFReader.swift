import LMStudioCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads a file forwards through a window, and never beyond its end.
///
/// Not a memory map: a mapped file that another process cuts short kills this one with SIGBUS.
struct GGUFReader: ~Copyable {
    /// The file, as it was named.
    let path: String
    /// Its size when it was opened, bytes.
    let size: UInt64
    /// Where the next value is read, bytes from the start; never beyond `size`.
    private(set) var position: UInt64 = 0

    private let descriptor: Int32
    private let window: UnsafeMutableRawBufferPointer
    private var windowStart: UInt64 = 0
    private var windowCount = 0

    private static let windowSize = 1 << 18

    /// Opens a file.
    ///
    /// - Throws: `.invalidArgument` if there is no such file or it is not a regular one, `.engine` if
    ///   it cannot be read.
    init(path: String) throws(LMStudioError) {
        guard !path.utf8.contains(0) else {
            throw LMStudioError(.invalidArgument, "the path of a model file holds a NUL character")
        }
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = errno
            throw LMStudioError(
                reason == ENOENT || reason == ENOTDIR ? .invalidArgument : .engine,
                "cannot open model file \(path): \(SystemError.words(reason))"
            )
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw LMStudioError(
                .invalidArgument,
                "\(path) is not a file: give the path of a .gguf file"
            )
        }
        self.path = path
        self.size = UInt64(max(status.st_size, 0))
        self.descriptor = descriptor
        self.window = .allocate(byteCount: Self.windowSize, alignment: 16)
    }

    deinit {
        close(descriptor)
        window.deallocate()
    }

    /// Bytes between the position and the end of the file.
    var remaining: UInt64 { size - position }

    /// An error about this file.
    func failure(_ problem: String) -> LMStudioError {
        LMStudioError(.engine, "cannot use model file \(path): \(problem)")
    }

    /// Reads a little-endian number; `what` names it in the error.
    mutating func number<Number: FixedWidthInteger>(
        _ what: String,
        as type: Number.Type = Number.self
    ) throws(LMStudioError) -> Number {
        let count = MemoryLayout<Number>.size
        try fill(count, what)
        let value = window.loadUnaligned(
            fromByteOffset: Int(position - windowStart),
            as: Number.self
        )
        position += UInt64(count)
        return Number(littleEndian: value)
    }

    /// Reads a string; bytes that are not UTF-8 are repaired.
    ///
    /// - Parameters:
    ///   - what: names it in the error.
    ///   - limit: longest one that is read, bytes, at most 262,144.
    /// - Returns: the string; `nil` for a longer one.
    /// - Throws: `.engine` if the file ends before it does.
    mutating func string(_ what: String, limit: UInt64) throws(LMStudioError) -> String? {
        try withString(what, limit: limit) { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a string's bytes, lent to `body`; `nil` if there are more than `limit`.
    mutating func withString<Result>(
        _ what: String,
        limit: UInt64,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(LMStudioError) -> Result? {
        let count = try number(what, as: UInt64.self)
        guard count <= remaining else { throw endsEarly(what, needs: count) }
        defer { position += count }
        guard count <= min(limit, UInt64(Self.windowSize)) else { return nil }
        try fill(Int(count), what)
        let start = Int(position - windowStart)
        return body(UnsafeRawBufferPointer(rebasing: window[start..<(start + Int(count))]))
    }

    /// Passes over bytes.
    mutating func skip(_ count: UInt64, _ what: String) throws(LMStudioError) {
        guard count <= remaining else { throw endsEarly(what, needs: count) }
        position += count
    }

    /// Passes over an array of strings without making any of them.
    mutating func skipStrings(_ count: UInt64, _ what: String) throws(LMStudioError) {
        var left = count
        while left > 0 {
            try fill(8, what)
            var offset = Int(position - windowStart)
            while left > 0, offset + 8 <= windowCount {
                let length = UInt64(
                    littleEndian: window.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                )
                position = windowStart + UInt64(offset) + 8
                guard length <= remaining else { throw endsEarly(what, needs: length) }
                position += length
                offset += 8 + Int(length)
                left -= 1
            }
        }
    }

    /// Goes to a place in the file.
    mutating func seek(to place: UInt64) {
        position = min(place, size)
    }

    /// Makes the window hold the next `count` bytes, at most its size.
    private mutating func fill(_ count: Int, _ what: String) throws(LMStudioError) {
        guard UInt64(count) <= remaining else { throw endsEarly(what, needs: UInt64(count)) }
        let end = windowStart + UInt64(windowCount)
        guard position < windowStart || position + UInt64(count) > end else { return }
        windowStart = position
        windowCount = 0
        let wanted = Int(min(UInt64(window.count), remaining))
        while windowCount < wanted {
            let got = pread(
                descriptor,
                window.baseAddress?.advanced(by: windowCount),
                wanted - windowCount,
                off_t(windowStart) + off_t(windowCount)
            )
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            windowCount += got
        }
        guard windowCount >= count else {
            throw failure(
                "it could not be read at byte \(position + UInt64(windowCount)), or is being written"
            )
        }
    }

    private func endsEarly(_ what: String, needs count: UInt64) -> LMStudioError {
        failure(
            "it ends in the middle of the metadata: \(what) at byte \(position) takes \(count) bytes, but "
                + "the file has only \(size) bytes; the download may be incomplete, or the file is damaged"
        )
    }
}
