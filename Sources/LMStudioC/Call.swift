public import CLMStudio
import LMStudio
import LMStudioWire
import Synchronization

/// What an `lms_call` stands for.
final class CallHandle: ClosableWork {
    private let call: BackgroundCall<String>
    private let isTaken = Atomic<Bool>(false)

    /// Begins to do what gives JSON, as a client's host likes it best; it ends when the client does.
    ///
    /// - Parameters:
    ///   - owner: the client.
    ///   - beginsHere: see ``BackgroundWork/start(on:beginsHere:_:)``.
    ///   - work: what to do.
    init(
        _ owner: ClientHandle,
        beginsHere: Bool = false,
        _ work: @escaping @Sendable () async throws(LMStudioError) -> String
    ) {
        let executor = owner.client.taskExecutor(beginsHere: beginsHere)
        call = BackgroundCall(on: executor, beginsHere: beginsHere, work)
        owner.track(self)
    }

    /// The answer; empty if it was taken before, `nil` if it is not there when the time is over.
    func wait(within milliseconds: Int64) throws(LMStudioError) -> Answer {
        guard let json = try call.wait(within: milliseconds) else { return .pending }
        return isTaken.exchange(true, ordering: .relaxed) ? .taken : .json(json)
    }

    /// What a wait gives.
    enum Answer {
        case json(String)
        case taken
        case pending
    }

    func cancel() {
        call.cancel()
    }
}

private var defaults: lms_call_options {
    lms_call_options(
        struct_size: MemoryLayout<lms_call_options>.size,
        timeout_ms: Int64(LMS_TIMEOUT_DEFAULT),
        idle_timeout_ms: Int64(LMS_TIMEOUT_DEFAULT)
    )
}

/// The timeouts of a call.
func timeouts(
    _ options: UnsafePointer<lms_call_options>?
) throws(LMStudioError) -> Timeouts {
    let options = try Options.read(options, over: defaults, "options")
    return try Timeouts(milliseconds: options.timeout_ms, idle: options.idle_timeout_ms)
}

@_cdecl("lms_call_options_init")
public func callOptionsInit(_ options: UnsafeMutablePointer<lms_call_options>?, _ structSize: Int) {
    Options.fill(options, size: structSize, with: defaults)
}

/// Begins what `lms_call_begin()` and `lms_client_call()` are asked for.
func beginCall(
    _ client: OpaquePointer?,
    _ namespace: UnsafePointer<CChar>?,
    _ endpoint: UnsafePointer<CChar>?,
    _ parameter: lms_text,
    _ options: UnsafePointer<lms_call_options>?
) throws(LMStudioError) -> CallHandle {
    let owner = try Handles.borrow(client, as: ClientHandle.self, "client")
    let client = owner.client
    _ = try client.host()
    let namespace = try required(namespace, "name_space")
    let endpoint = try required(endpoint, "endpoint")
    let json = try parseJSON(parameter, as: "parameter")
    let timeouts = try timeouts(options)
    let beginsHere = Dispatcher.isSmall(endpoint, json)
    return CallHandle(owner, beginsHere: beginsHere) { () throws(LMStudioError) in
        try await client.limited(by: timeouts, doing: "the call of \(endpoint)") {
            host throws(LMStudioError) in
            try await Dispatcher(host: host, files: client.files(for: host))
                .call(endpoint, in: namespace, parameter: json).text
        }
    }
}

@_cdecl("lms_call_begin")
public func callBegin(
    _ client: OpaquePointer?,
    _ namespace: UnsafePointer<CChar>?,
    _ endpoint: UnsafePointer<CChar>?,
    _ parameter: lms_text,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let call = try outHandle(call, "call")
        call.pointee = Handles.add(
            try beginCall(client, namespace, endpoint, parameter, options)
        )
        return LMS_OK
    }
}

@_cdecl("lms_call_wait")
public func callWait(
    _ call: OpaquePointer?,
    _ timeoutMilliseconds: Int64,
    _ result: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let result = try outText(result, "result")
        let handle = try Handles.borrow(call, as: CallHandle.self, "call")
        switch try handle.wait(within: timeoutMilliseconds) {
        case .pending: return LMS_PENDING
        case .taken: return LMS_END
        case .json(let json):
            result.pointee = copyOut(json)
            return LMS_OK
        }
    }
}

@_cdecl("lms_call_cancel")
public func callCancel(_ call: OpaquePointer?) {
    Handles.find(call, as: CallHandle.self)?.cancel()
}

@_cdecl("lms_call_free")
public func callFree(_ call: OpaquePointer?) {
    Handles.remove(call, as: CallHandle.self)?.cancel()
}
