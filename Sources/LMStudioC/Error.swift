public import CLMStudio
import LMStudioCore

/// What an `lms_error` stands for.
final class ErrorHandle: Sendable {
    let code: LMStudioError.Code
    let message: LentText
    let details: LentText

    init(_ error: LMStudioError) {
        code = error.code
        message = LentText(error.description)
        details = LentText(error.details?.json ?? "")
    }
}

/// Runs the body of an exported function and turns what it throws into a status and an `lms_error`.
func reporting(
    to error: UnsafeMutablePointer<OpaquePointer?>?,
    _ body: () throws(LMStudioError) -> lms_status
) -> lms_status {
    do {
        return try body()
    } catch let failure {
        error?.pointee = Handles.isForked ? Handles.forkedError : Handles.add(ErrorHandle(failure))
        return failure.code.rawValue
    }
}

/// The memory an out-parameter leads to.
func out<Value>(
    _ pointer: UnsafeMutablePointer<Value>?,
    _ name: String
) throws(LMStudioError) -> UnsafeMutablePointer<Value> {
    guard let pointer else { throw LMStudioError(.invalidArgument, "\(name) is NULL") }
    return pointer
}

/// The memory of a handle out-parameter, emptied.
func outHandle(
    _ pointer: UnsafeMutablePointer<OpaquePointer?>?,
    _ name: String
) throws(LMStudioError) -> UnsafeMutablePointer<OpaquePointer?> {
    let pointer = try out(pointer, name)
    pointer.pointee = nil
    return pointer
}

/// The memory of a text out-parameter, emptied.
func outText(
    _ pointer: UnsafeMutablePointer<lms_text>?,
    _ name: String
) throws(LMStudioError) -> UnsafeMutablePointer<lms_text> {
    let pointer = try out(pointer, name)
    pointer.pointee = .none
    return pointer
}

private func find(_ error: OpaquePointer?) -> ErrorHandle? {
    // In a forked child there is one error, and no table to look it up in.
    if Handles.isForked { return error == Handles.forkedError ? Handles.forked : nil }
    return Handles.find(error, as: ErrorHandle.self)
}

@_cdecl("lms_error_code")
public func errorCode(_ error: OpaquePointer?) -> lms_status {
    find(error)?.code.rawValue ?? LMS_OK
}

@_cdecl("lms_error_message")
public func errorMessage(_ error: OpaquePointer?) -> lms_text {
    find(error)?.message.text ?? .none
}

@_cdecl("lms_error_details")
public func errorDetails(_ error: OpaquePointer?) -> lms_text {
    find(error)?.details.text ?? .none
}

@_cdecl("lms_error_free")
public func errorFree(_ error: OpaquePointer?) {
    _ = Handles.remove(error, as: ErrorHandle.self)
}
