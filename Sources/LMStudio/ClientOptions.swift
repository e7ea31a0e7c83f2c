public import LMStudioCore
import LMStudioWire
public import Logging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How a client reaches an LM Studio server, and how patient it is.
public struct ClientOptions: Sendable {
    /// A token of LM Studio's, `sk-lm-…`; empty: a guest.
    ///
    /// Default `nil`: the `LM_API_TOKEN` environment variable, else `LMSTUDIO_API_TOKEN`, else a guest.
    public var apiToken: String?
    /// A PEM file of certificate authorities to trust beside the system's, for `wss:` and `https:`.
    public var caFile: String?
    /// Receives what a server sends that this version cannot read, a warning for each kind; default
    /// `nil`: nobody is told.
    public var logger: Logger?
    /// For calls that name no timeouts of their own; of silence, servers are granted 60 s by default.
    public var timeouts = Timeouts()

    /// Makes the default options.
    public init() {}

    /// The address to use when none is given: that of `LMSTUDIO_HOST`; empty: none.
    ///
    /// - Throws: `.invalidArgument`, naming the variable, if it is no address.
    static func usualAddress() throws(LMStudioError) -> String {
        let address = getenv("LMSTUDIO_HOST").map { String(cString: $0) } ?? ""
        do throws(LMStudioError) {
            if !address.isEmpty { _ = try HostAddress(address) }
            return address
        } catch {
            throw error.prefixed("LMSTUDIO_HOST: ")
        }
    }

    /// Who the client says it is.
    ///
    /// - Throws: `.invalidArgument` if the token has another form.
    func credentials() throws(LMStudioError) -> Credentials {
        if let apiToken { return try Self.credentials(apiToken) }
        for name in ["LM_API_TOKEN", "LMSTUDIO_API_TOKEN"] {
            guard let value = getenv(name), value.pointee != 0 else { continue }
            do throws(LMStudioError) {
                return try Self.credentials(String(cString: value))
            } catch {
                throw error.prefixed("\(name): ")
            }
        }
        return .guest()
    }

    private static func credentials(_ token: String) throws(LMStudioError) -> Credentials {
        let token = token.trimmingSpaces()
        return token.isEmpty ? .guest() : try Credentials(token: token)
    }
}
