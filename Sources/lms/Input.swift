import LMStudio

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files and standard input, read whole.
enum Input {
    /// What comes from standard input until it ends.
    ///
    /// - Throws: `.invalidArgument` with the system's reason if it cannot be read, or is no text.
    static func standard() throws(LMStudioError) -> String {
        try text(descriptor: 0, name: "standard input")
    }

    /// A file's text.
    ///
    /// - Throws: `.invalidArgument` with the system's reason if it cannot be read, or is no text.
    static func file(_ path: String) throws(LMStudioError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        return try text(descriptor: descriptor, name: path)
    }

    private static func text(descriptor: Int32, name: String) throws(LMStudioError) -> String {
        let bytes = try read(descriptor: descriptor, name: name)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LMStudioError(.invalidArgument, "\(name) is not valid UTF-8")
        }
        return text
    }

    private static func read(
        descriptor: Int32,
        name: String
    ) throws(LMStudioError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
            let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            if count > 0 {
                bytes += buffer.prefix(count)
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw failure(name)
            }
        }
    }

    private static func failure(_ name: String) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "cannot read \(name): \(String(cString: strerror(errno)))"
        )
    }
}
