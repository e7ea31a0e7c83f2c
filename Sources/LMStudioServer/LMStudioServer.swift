public import LMStudioCore

/// Serves any host over LM Studio's protocol.
public final class LMStudioServer: Sendable {
    private let host: any ModelHost

    /// Makes a server of a host.
    public init(host: any ModelHost) {
        self.host = host
    }
}
