import LMStudio
import LMStudioCore
import LMStudioWire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files and standard input, as text.
enum Input {
    /// What comes from standard input until it ends.
    ///
    /// - Throws: `.invalidArgument` with the system's reason if it cannot be read, or is no text.
    static func standard() throws(LMStudioError) -> String {
        try text(descriptor: 0, name: "standard input")
    }

    /// A text from standard input, without its last newline.
    ///
    /// - Throws: as `standard()`.
    static func standardText() throws(LMStudioError) -> String {
        var text = try standard()
        if text.last?.isNewline == true { text.removeLast() }
        return text
    }

    /// Whether standard input is a pipe or a file: somebody gives text that way.
    static var isPiped: Bool {
        var status = stat()
        guard fstat(0, &status) == 0 else { return false }
        return [S_IFIFO, S_IFREG].contains(status.st_mode & S_IFMT)
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

    /// Options that are given as JSON, or as the name of a file that holds it.
    ///
    /// - Throws: `.invalidArgument` if it is no JSON, or the file cannot be read.
    static func options(
        _ argument: String?,
        _ name: String
    ) throws(LMStudioError) -> JSONValue? {
        guard let argument else { return nil }
        let isJSON = argument.first { !$0.isWhitespace }.map { "{[".contains($0) } == true
        do throws(LMStudioError) {
            return try JSONValue(parsing: isJSON ? argument : try file(argument), as: name)
        } catch {
            throw isJSON
                ? error
                : LMStudioError(
                    error.code,
                    "\(error.message); \(name) takes a JSON object, or a file that holds one"
                )
        }
    }

    private static func text(descriptor: Int32, name: String) throws(LMStudioError) -> String {
        var bytes: [UInt8] = []
        while try read(into: &bytes, descriptor: descriptor, name: name) {}
        return try text(bytes, name: name)
    }

    /// The text that bytes are.
    ///
    /// - Throws: `.invalidArgument` if they are none.
    static func text(
        _ bytes: some Collection<UInt8>,
        name: String
    ) throws(LMStudioError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LMStudioError(.invalidArgument, "\(name) is not valid UTF-8")
        }
        return text
    }

    /// Longest text: as much as a server takes in one message.
    private static let longest = 128 << 20

    /// Reads more of a text, as much as is there at once.
    ///
    /// - Returns: whether there may be still more.
    /// - Throws: `.invalidArgument` with the system's reason if it cannot be read, or if it is too long.
    static func read(
        into bytes: inout [UInt8],
        descriptor: Int32,
        name: String
    ) throws(LMStudioError) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
            let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            if count >= 0 {
                bytes += buffer.prefix(count)
                guard bytes.count <= longest else {
                    throw LMStudioError(
                        .invalidArgument,
                        "\(name) has more than \(longest >> 20) MiB; give less at once"
                    )
                }
                return count > 0
            } else if errno != EINTR {
                throw failure(name)
            }
        }
    }

    private static func failure(_ name: String) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "cannot read \(name): \(SystemError.words(errno))"
        )
    }
}
