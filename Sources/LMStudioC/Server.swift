public import CLMStudio
import LMStudio

/// The longest time to wait for a server.
private func patience(_ milliseconds: Int64) throws(LMStudioError) -> Duration {
    guard milliseconds >= 1 else {
        throw LMStudioError(
            .invalidArgument,
            "timeout_ms is \(milliseconds); give milliseconds, 1 or more"
        )
    }
    return .milliseconds(min(milliseconds, Timeouts.longest))
}

@_cdecl("lms_server_is_at")
public func serverIsAt(
    _ address: UnsafePointer<CChar>?,
    _ timeoutMilliseconds: Int64,
    _ isThere: UnsafeMutablePointer<Int32>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let isThere = try out(isThere, "is_there")
        isThere.pointee = 0
        try Handles.checkProcess()
        let address = try HostAddress(required(address, "address"))
        let patience = try patience(timeoutMilliseconds)
        let found = try BackgroundCall.run { () throws(LMStudioError) in
            await ServerDiscovery.isServer(at: address, within: patience)
        }
        isThere.pointee = found ? 1 : 0
        return LMS_OK
    }
}

@_cdecl("lms_server_find")
public func serverFind(
    _ timeoutMilliseconds: Int64,
    _ address: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let address = try outText(address, "address")
        try Handles.checkProcess()
        let patience = try patience(timeoutMilliseconds)
        let found = try BackgroundCall.run { () throws(LMStudioError) in
            await ServerDiscovery.find(within: patience)
        }
        if let found { address.pointee = copyOut(found.description) }
        return LMS_OK
    }
}
