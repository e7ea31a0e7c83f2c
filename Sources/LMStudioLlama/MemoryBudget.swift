#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How much memory there is for models.
struct MemoryBudget: Sendable {
    /// A look at the memory.
    struct Reading: Sendable {
        /// What programs can still have, bytes.
        var available: Int64
        /// What there is in all, bytes.
        var total: Int64

        /// What a further model can have, bytes.
        ///
        /// The weights of a model are a mapped file, which the system counts as available memory
        /// although it is in use; so both numbers are needed.
        ///
        /// - Parameters:
        ///   - loaded: what the loaded models were estimated to take.
        ///   - loading: what those on their way will take.
        /// - Returns: bytes, ≥ 0.
        func free(loaded: Int64, loading: Int64) -> Int64 {
            max(0, min(available - loading, total - loaded - loading))
        }
    }

    /// Looks at the memory; `nil` if the system does not say.
    let read: @Sendable () -> Reading?

    /// A fixed number of bytes for all models together.
    static func fixed(_ bytes: Int64) -> MemoryBudget {
        MemoryBudget { Reading(available: bytes, total: bytes) }
    }

    #if canImport(Glibc)
    /// The machine's.
    static let system = MemoryBudget {
        // "MemAvailable:   12345 kB"
        guard let file = fopen("/proc/meminfo", "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = fread(&bytes, 1, bytes.count, file)
        return reading(meminfo: String(decoding: bytes.prefix(count), as: UTF8.self))
    }

    /// Reads the text of `/proc/meminfo`.
    static func reading(meminfo text: String) -> Reading? {
        func value(_ name: String) -> Int64? {
            text.split(separator: "\n").first { $0.hasPrefix(name) }
                .flatMap { $0.dropFirst(name.count).split(separator: " ").first }
                .flatMap { Int64($0) }
                .map { $0 * 1024 }
        }
        guard let available = value("MemAvailable:"), let total = value("MemTotal:") else {
            return nil
        }
        return Reading(available: available, total: total)
    }
    #else
    /// The machine's: macOS moves what is idle out of the way by itself.
    static let system = MemoryBudget {
        var bytes: UInt64 = 0
        var size = MemoryLayout<UInt64>.size
        guard sysctlbyname("hw.memsize", &bytes, &size, nil, 0) == 0 else { return nil }
        let total = Int64(clamping: bytes)
        return Reading(available: total, total: total)
    }
    #endif
}
