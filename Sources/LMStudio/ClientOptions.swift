public import LMStudioCore

/// How a client reaches an LM Studio server, and how patient it is.
public struct ClientOptions: Sendable {
    /// A token of LM Studio's, `sk-lm-…`; default `nil`: the `LM_API_TOKEN` environment variable, else
    /// `LMSTUDIO_API_TOKEN`, else a guest. Empty: a guest.
    public var apiToken: String?
    /// A PEM file of certificate authorities to trust beside the system's, for `wss:` and `https:`.
    public var caFile: String?
    /// For calls that name no timeouts of their own.
    public var timeouts = Timeouts()

    /// Makes the default options.
    public init() {}
}
