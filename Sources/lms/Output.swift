import LMStudioCore
import LMStudioLlama
import LMStudioWire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One of the program's two streams, written without a buffer of its own.
struct Output: Sendable {
    /// What a user wants to have.
    static let standard = Output(descriptor: 1)
    /// What a user may want to see on the way.
    static let error = Output(descriptor: 2)
    /// What a server says of itself; those who use it need it also when nobody reads that any more.
    static let notice = Output(descriptor: 1, isLasting: true)

    private let descriptor: Int32
    /// Whether the program goes on when nobody reads.
    private var isLasting = false

    /// Whether somebody looks at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes text as it is.
    ///
    /// It ends the program when nobody reads any more, as the system does with other programs, and when
    /// what a user wants to have cannot be written.
    func write(_ text: String) {
        var text = text
        let failure = text.withUTF8 { bytes -> Int32? in
            UnsafeRawBufferPointer(bytes).write(to: descriptor) ? nil : errno
        }
        guard let failure else { return }
        if failure == EPIPE {
            guard !isLasting else { return }
            exit(128 + SIGPIPE)
        }
        guard descriptor == Self.standard.descriptor else { return }
        let reason = SystemError.words(failure)
        Self.error.line("error: cannot write to standard output: \(reason)")
        exit(1)
    }

    /// Writes one line or several; what else a terminal would obey is shown as U+FFFD.
    func line(_ text: String) {
        let isShown = { (scalar: Unicode.Scalar) in
            scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
        }
        guard !text.unicodeScalars.allSatisfy(isShown) else { return write(text + "\n") }
        var shown = String.UnicodeScalarView(
            text.unicodeScalars.map { isShown($0) ? $0 : "\u{FFFD}" }
        )
        shown.append("\n")
        write(String(shown))
    }

    /// Writes warnings, a line each.
    func warn(_ texts: [String]) {
        for text in texts { line("warning: \(text)") }
    }

    /// Writes JSON, on one line.
    func json(_ value: JSONValue) {
        line(value.text)
    }
}
