public import Logging

/// How a server listens, whom it lets in, and what it puts up with.
public struct ServerConfiguration: Sendable {
    /// Address to listen on; default `127.0.0.1`, this machine only.
    public var bind = "127.0.0.1"
    /// Port to listen on, 0…65535; default 1234; 0: any that is free.
    public var port = 1234
    /// Whether to listen on one of ``sdkPorts`` of this machine too; default true.
    ///
    /// Official clients that are given no address look there. If none of them is free, that is only
    /// logged.
    public var listensOnSDKPort = true
    /// Web pages that may connect, such as `https://example.com`; `*`: all; default none.
    ///
    /// Programs send no origin and are not concerned.
    public var allowedOrigins: [String] = []
    /// Tokens of the form `sk-lm-xxxxxxxx:xxxxxxxxxxxxxxxxxxxx`; default none: anybody may come in.
    public var apiTokens: [String] = []
    /// Whether clients get the models of the store only, and not any file by its path; default true.
    public var servesStoreOnly = true
    /// Longest message a client may send, bytes; default 128 MiB: an upload of 64 MB takes 86.
    public var maxFrameBytes = 128 << 20
    /// Longest head of an HTTP request, bytes; default 16 KiB.
    public var maxHeaderBytes = 16 << 10
    /// Connections at once, ≥ 1; default 1,024.
    public var maxConnections = 1024
    /// Channels at once on a connection: predictions and loads; ≥ 1; default 1,024.
    public var maxChannelsPerConnection = 1024
    /// Calls at once on a connection, ≥ 1; default 1,024.
    public var maxCallsPerConnection = 1024
    /// Predictions at once on all connections, those that wait their turn included; ≥ 1; default 16,384.
    public var maxPredictions = 16_384
    /// Bytes that wait for a client to read them before its predictions pause; default 1 MiB.
    public var pauseBacklogBytes = 1 << 20
    /// Bytes that wait for a client to read them before it is dropped; default 256 MiB.
    ///
    /// Only answers to calls get there, since predictions pause long before.
    public var maxQueuedBytesPerConnection = 256 << 20
    /// Files that a client may have uploaded at once, bytes; default 256 MiB.
    public var maxUploadedBytesPerClient = 256 << 20
    /// Time a connection has for its HTTP request, and again to say who it is; default 10 s.
    public var authenticationTimeout: Duration = .seconds(10)
    /// Time after which a client that sent part of a message and then nothing is dropped; default 30 s.
    public var partialFrameTimeout: Duration = .seconds(30)
    /// Silence on a running load or prediction after which its last progress is told again; default 20 s.
    ///
    /// Clients give up after 60 s of silence.
    public var progressInterval: Duration = .seconds(20)
    /// Where the server's log goes; default `nil`: nowhere.
    public var logger: Logger?

    /// The ports where official clients look for a server, in that order.
    public static let sdkPorts = [41343, 52993, 16141, 39414, 22931]

    /// Makes a configuration of the defaults.
    public init() {}
}
