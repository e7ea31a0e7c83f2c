public import CLMStudio
import LMStudioCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Text that a handle lends: it stays where it is as long as this lives.
///
/// `@unchecked Sendable`: the bytes are written once, here.
final class LentText: @unchecked Sendable {
    let text: lms_text

    init(_ string: String) {
        text = copyOut(string)
    }

    deinit {
        free(UnsafeMutableRawPointer(mutating: text.data))
    }
}

/// Text that is lent until the next one takes its place.
///
/// `@unchecked Sendable`: its owner's lock guards it.
final class LentBuffer: @unchecked Sendable {
    private static let smallest = 256

    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0

    deinit {
        free(memory)
    }

    /// Copies a string in, over the last one.
    func hold(_ string: String) -> lms_text {
        var string = string
        return string.withUTF8 { bytes in
            if bytes.count > capacity {
                free(memory)
                capacity = max(bytes.count, Self.smallest)
                memory = malloc(capacity)
            }
            guard let memory, let source = bytes.baseAddress else { return .none }
            memcpy(memory, source, bytes.count)
            return lms_text(data: memory.assumingMemoryBound(to: CChar.self), length: bytes.count)
        }
    }
}

/// A copy of a string that `lms_text_free()` frees.
func copyOut(_ string: String) -> lms_text {
    var string = string
    return string.withUTF8 { bytes in
        guard let source = bytes.baseAddress, !bytes.isEmpty, let copy = malloc(bytes.count) else {
            return lms_text(data: nil, length: 0)
        }
        memcpy(copy, source, bytes.count)
        return lms_text(data: copy.assumingMemoryBound(to: CChar.self), length: bytes.count)
    }
}

extension lms_text {
    static var none: lms_text { lms_text(data: nil, length: 0) }

    /// The text as a string.
    ///
    /// - Throws: `.invalidArgument` if it is NULL with a length, too long, or no UTF-8.
    func string(_ name: String) throws(LMStudioError) -> String {
        guard length != 0 else { return "" }
        guard let data else {
            throw LMStudioError(.invalidArgument, "\(name) is NULL but has a length of \(length)")
        }
        // A length above Int.max comes in as a negative number.
        guard (1...Int(Int32.max)).contains(length) else {
            throw LMStudioError(
                .invalidArgument,
                "\(name) has \(UInt(bitPattern: length)) bytes; at most 2147483647 are taken"
            )
        }
        let bytes = UnsafeRawBufferPointer(start: data, count: length).assumingMemoryBound(
            to: UInt8.self
        )
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw LMStudioError(.invalidArgument, "\(name) is not valid UTF-8")
        }
        return string
    }
}

/// The texts of an array.
///
/// - Throws: `.invalidArgument` if the array is none.
func array(
    _ texts: UnsafePointer<lms_text>?,
    _ count: Int,
    _ name: String
) throws(LMStudioError) -> UnsafeBufferPointer<lms_text> {
    guard texts != nil || count == 0, count >= 0 else {
        throw LMStudioError(
            .invalidArgument,
            "\(name) has a count of \(UInt(bitPattern: count)); give an array, and its size"
        )
    }
    return UnsafeBufferPointer(start: texts, count: count)
}

/// The strings of an array of texts.
///
/// - Throws: `.invalidArgument` if the array is none, or names the text that is no UTF-8.
func strings(
    _ texts: UnsafePointer<lms_text>?,
    _ count: Int,
    _ name: String
) throws(LMStudioError) -> [String] {
    var strings: [String] = []
    for (index, text) in try array(texts, count, name).enumerated() {
        strings.append(try text.string("\(name)[\(index)]"))
    }
    return strings
}

/// A C string as a string; `nil` for NULL.
func string(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(LMStudioError) -> String? {
    guard let pointer else { return nil }
    guard let string = String(validatingCString: pointer) else {
        throw LMStudioError(.invalidArgument, "\(name) is not valid UTF-8")
    }
    return string
}

/// A C string that must be there.
func required(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(LMStudioError) -> String {
    guard let string = try string(pointer, name) else {
        throw LMStudioError(.invalidArgument, "\(name) is NULL")
    }
    return string
}

@_cdecl("lms_text_free")
public func textFree(_ text: UnsafeMutablePointer<lms_text>?) {
    guard let text else { return }
    free(UnsafeMutableRawPointer(mutating: text.pointee.data))
    text.pointee = .none
}

@_cdecl("lms_live_handle_count")
public func liveHandleCount() -> Int {
    Handles.count
}

@_cdecl("lms_version")
public func version() -> UnsafePointer<CChar>? {
    versionText.text.data
}

private let versionText = LentText(LMS_VERSION_STRING + "\0")
