public import CLMStudio
import LMStudio
import LMStudioLlama
import LMStudioWire
import Logging
import Synchronization

/// Work that ends when its client is closed.
protocol ClosableWork: AnyObject, Sendable {
    func cancel()
}

/// What an `lms_client` stands for.
final class ClientHandle: Sendable {
    private struct OpenWork {
        weak var work: (any ClosableWork)?
    }

    private struct State: ~Copyable {
        /// `nil` once it is closed.
        var open: [OpenWork]? = []
        /// How many there are when those that are gone are taken out.
        var pruneAt = 16
    }

    let client: LMStudioClient
    let address: LentText
    /// What the server sent that this version cannot read.
    let warnings: ServerWarnings.Texts
    private let state = Mutex(State())
    private let closed = Atomic<Bool>(false)

    var isClosed: Bool { closed.load(ordering: .acquiring) }

    init(_ client: LMStudioClient, warnings: ServerWarnings.Texts) {
        self.client = client
        self.warnings = warnings
        address = LentText(client.address.description)
    }

    /// Remembers work that `close()` is to cancel; after that, cancels it.
    func track(_ work: any ClosableWork) {
        let isOpen = state.withLock { state in
            if let open = state.open, open.count >= state.pruneAt {
                state.open = open.filter { $0.work != nil }
                state.pruneAt = max(16, (state.open?.count ?? 0) * 2)
            }
            return state.open?.append(OpenWork(work: work)) != nil
        }
        if !isOpen { work.cancel() }
    }

    /// Cancels the work first: otherwise it might end with what became of its model.
    func close() {
        for open in state.withLock({ $0.open.take() }) ?? [] { open.work?.cancel() }
        client.close()
        closed.store(true, ordering: .releasing)
    }
}

private var defaults: lms_client_options {
    lms_client_options(
        struct_size: MemoryLayout<lms_client_options>.size,
        address: nil,
        api_token: nil,
        ca_file: nil,
        timeout_ms: Int64(LMS_TIMEOUT_DEFAULT),
        idle_timeout_ms: Int64(LMS_TIMEOUT_DEFAULT)
    )
}

@_cdecl("lms_client_options_init")
public func clientOptionsInit(
    _ options: UnsafeMutablePointer<lms_client_options>?,
    _ structSize: Int
) {
    Options.fill(options, size: structSize, with: defaults)
}

@_cdecl("lms_client_open")
public func clientOpen(
    _ options: UnsafePointer<lms_client_options>?,
    _ client: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let client = try outHandle(client, "client")
        try Handles.checkProcess()
        let options = try Options.read(options, over: defaults, "options")
        let address = try string(options.address, "address")
        var choices = ClientOptions()
        choices.apiToken = try string(options.api_token, "api_token")
        choices.caFile = try string(options.ca_file, "ca_file")
        choices.timeouts = try Timeouts(
            milliseconds: options.timeout_ms,
            idle: options.idle_timeout_ms
        )
        let handler = ServerWarnings()
        choices.logger = Logger(label: "lmstudio") { _ in handler }
        let made = try BackgroundCall.run { [choices] () throws(LMStudioError) in
            try await LMStudioClient(address, local: .llama, options: choices)
        }
        client.pointee = Handles.add(ClientHandle(made, warnings: handler.texts))
        return LMS_OK
    }
}

@_cdecl("lms_client_close")
public func clientClose(_ client: OpaquePointer?) {
    Handles.find(client, as: ClientHandle.self)?.close()
}

@_cdecl("lms_client_free")
public func clientFree(_ client: OpaquePointer?) {
    Handles.remove(client, as: ClientHandle.self)?.close()
}

@_cdecl("lms_client_address")
public func clientAddress(_ client: OpaquePointer?) -> lms_text {
    Handles.find(client, as: ClientHandle.self)?.address.text ?? .none
}

@_cdecl("lms_client_warning")
public func clientWarning(_ client: OpaquePointer?, _ index: Int) -> lms_text {
    Handles.find(client, as: ClientHandle.self)?.warnings[index]?.text ?? .none
}

@_cdecl("lms_client_call")
public func clientCall(
    _ client: OpaquePointer?,
    _ namespace: UnsafePointer<CChar>?,
    _ endpoint: UnsafePointer<CChar>?,
    _ parameter: lms_text,
    _ options: UnsafePointer<lms_call_options>?,
    _ result: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let result = try outText(result, "result")
        let call = try beginCall(client, namespace, endpoint, parameter, options)
        if case .json(let json) = try call.wait(within: -1) { result.pointee = copyOut(json) }
        return LMS_OK
    }
}

/// JSON of a text; `nil` if it is empty.
func parseJSON(_ text: lms_text, as name: String) throws(LMStudioError) -> JSONValue? {
    let text = try text.string(name)
    return text.isEmpty ? nil : try JSONValue(parsing: text, as: name)
}
