import LMStudioCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Options structs begin with their size, so that either side may be older than the other.
enum Options {
    /// No struct of this library comes near; more is memory that was never set up.
    private static let largestSize = 4096

    /// Writes `defaults` into the first `size` bytes of `memory`, and zeros into those it does not know.
    static func fill<Value: BitwiseCopyable>(
        _ memory: UnsafeMutablePointer<Value>?,
        size: Int,
        with defaults: Value
    ) {
        guard let memory, size > 0 else { return }
        memset(memory, 0, size)
        withUnsafeBytes(of: defaults) { bytes in
            if let source = bytes.baseAddress { _ = memcpy(memory, source, min(size, bytes.count)) }
        }
        var written = size
        _ = memcpy(memory, &written, min(size, MemoryLayout<Int>.size))
    }

    /// The fields that the caller knows, and `defaults` for the rest.
    static func read<Value: BitwiseCopyable>(
        _ memory: UnsafePointer<Value>?,
        over defaults: Value,
        _ name: String
    ) throws(LMStudioError) -> Value {
        guard let memory else { return defaults }
        let size = UnsafeRawPointer(memory).load(as: Int.self)
        guard (MemoryLayout<Int>.size...largestSize).contains(size),
            size % MemoryLayout<Int>.size == 0
        else {
            throw LMStudioError(
                .invalidArgument,
                "\(name).struct_size is \(size); set the struct up with its init function"
            )
        }
        var options = defaults
        withUnsafeMutableBytes(of: &options) { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: memory, count: min(size, bytes.count))
            )
        }
        return options
    }
}
