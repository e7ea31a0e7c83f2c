public import LMStudioCore
import LMStudioWire
public import Logging
import NIOCore
import NIOPosix
import Synchronization

/// An LM Studio server, or any other that speaks its protocol.
///
/// One connection for each of the protocol's namespaces is made when it is first needed. After a loss
/// the calls under way fail with `.connection`, and the next call connects again.
public final class RemoteHost: ModelHost {
    /// One thread carries all connections of the process: reading them is no work to share.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Where the server is.
    public let address: HostAddress
    let llm: RemoteConnection
    let embedding: RemoteConnection
    let system: RemoteConnection
    let files: RemoteConnection
    private let eventLoop: any EventLoop
    private let executor: EventLoopExecutor
    private let logger: Logger
    private let warnedOf = Mutex(WarningKinds())

    /// Makes a host of a server's address, without asking whether the server is there.
    ///
    /// - Parameters:
    ///   - address: a server's.
    ///   - apiToken: a token of LM Studio's, `sk-lm-…`; `nil`: a guest.
    ///   - caFile: a PEM file of certificate authorities to trust beside the system's, for wss.
    ///   - logger: receives what a server sends that makes no sense; `nil`: it is dropped.
    /// - Throws: `.invalidArgument` if the address is none of a server, the token has another form, or
    ///   the file cannot be read.
    public convenience init(
        _ address: HostAddress,
        apiToken: String? = nil,
        caFile: String? = nil,
        logger: Logger? = nil
    ) throws(LMStudioError) {
        try self.init(
            address,
            credentials: apiToken.map { text throws(LMStudioError) in try Credentials(token: text) }
                ?? .guest(),
            caFile: caFile,
            logger: logger
        )
    }

    init(
        _ address: HostAddress,
        credentials: Credentials,
        caFile: String? = nil,
        logger: Logger? = nil,
        patience: TimeAmount = .seconds(10),
        readingPause: TimeAmount = .milliseconds(20)
    ) throws(LMStudioError) {
        guard case .server(let host, let port, let path, let isSecure) = address else {
            throw LMStudioError(
                .invalidArgument,
                "\(address) is not a server's address; give \"host:port\" or a ws:// URL"
            )
        }
        let tls = isSecure ? try Self.tls(caFile) : nil
        let loop = Self.group.next()
        let logger = logger ?? Logger(label: "lmstudio") { _ in SwiftLogNoOpLogHandler() }
        func connection(_ namespace: String) -> RemoteConnection {
            let target = RemoteTarget(
                host: host,
                port: port,
                path: "\(path)/\(namespace)",
                tls: tls,
                credentials: credentials,
                logger: logger,
                name: "\(address)",
                patience: patience,
                readingPause: readingPause
            )
            return RemoteConnection(target, on: loop)
        }
        self.address = address
        self.logger = logger
        eventLoop = loop
        executor = EventLoopExecutor(loop)
        llm = connection("llm")
        embedding = connection("embedding")
        system = connection("system")
        files = connection("files")
    }

    deinit {
        close()
    }

    /// Servers are granted 60 s of silence, as in the published package.
    public var defaultIdleTimeout: Duration? { .seconds(60) }

    /// The connections' event loop has the timers.
    public var keepsPatience: Bool { true }

    /// The connections' event loop.
    public func taskExecutor(beginsHere: Bool) -> (any TaskExecutor)? {
        beginsHere ? EventLoopExecutor(eventLoop, beginsHere: true) : executor
    }

    /// Closes the connections; what is under way fails with `.cancelled`.
    public func close() {
        for connection in [llm, embedding, system, files] { connection.close() }
    }

    // MARK: Calls

    func connection(_ domain: ModelDomain?) -> RemoteConnection {
        domain == .embedding ? embedding : llm
    }

    /// The connection of the namespace that a specifier is for, and its parameter.
    func ask(
        _ endpoint: String,
        _ model: ModelSpecifier,
        named name: String = "specifier",
        _ members: [String: JSONValue] = [:]
    ) async throws(LMStudioError) -> JSONValue {
        var members = members
        members[name] = model.json
        let result = try await connection(model.domain).call(endpoint, .object(members))
        guard let result, result != .null else {
            throw LMStudioError(
                .modelNotFound,
                "the server has no loaded model \(model); load it first"
            )
        }
        return result
    }

    /// Logs that a part of an answer makes no sense: the first of each kind, and not without end.
    func warn(_ kind: String, _ text: String) {
        if warnedOf.withLock({ $0.isNew(kind) }) { logger.warning("\(text)") }
    }

    /// The error for an answer that cannot be read.
    static func unreadable(_ endpoint: String, _ answer: JSONValue?) -> LMStudioError {
        LMStudioError(
            .server,
            "the server's answer to \(endpoint) makes no sense: \((answer?.text ?? "nothing").prefix(200))"
        )
    }
}
