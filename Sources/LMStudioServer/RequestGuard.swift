import LMStudioCore
import LMStudioWire

/// Decides what becomes of an HTTP request; knows no socket.
struct RequestGuard: Sendable {
    /// What becomes of a request.
    enum Verdict: Sendable, Equatable {
        /// A server of this protocol is here.
        case greeting
        /// What program it is.
        case status
        /// A WebSocket of a namespace.
        case upgrade(namespace: String)
        /// Refused with an HTTP status.
        case refuse(Int, String)
    }

    /// What of a request matters.
    struct Request: Sendable {
        var method: String
        /// Path and query.
        var target: String
        var hosts: [String]
        var origins: [String]
        var isUpgrade: Bool
    }

    private let allowedOrigins: Set<String>
    private let loopbackNames: Set<String>?

    /// Makes a guard.
    ///
    /// - Parameters:
    ///   - allowedOrigins: web pages that may connect; `*`: all.
    ///   - loopbackNames: what the address that is listened on goes by beside `localhost`, `127.0.0.1` and
    ///     `::1`, if only this machine reaches it; `nil`: others do too, by names nobody knows here.
    init(allowedOrigins: [String], loopbackNames: [String]?) {
        self.allowedOrigins = Set(allowedOrigins.map { $0.lowercased() })
        // A page may have its own name lead to 127.0.0.1; the browser tells that name as the host.
        self.loopbackNames = loopbackNames.map { names in
            Set(["localhost", "127.0.0.1", "::1"] + names.map { $0.lowercased() })
        }
    }

    /// What becomes of a request.
    func verdict(_ request: Request) -> Verdict {
        if let refusal = refusal(hosts: request.hosts) ?? refusal(origins: request.origins) {
            return refusal
        }
        guard request.method == "GET" else { return .refuse(405, "only GET is answered here") }
        let path = request.target.prefix { $0 != "?" }
        switch path {
        case "/lmstudio-greeting": return .greeting
        case "/lms-status": return .status
        default:
            let namespace = String(path.dropFirst())
            guard path.first == "/", ServerEndpoint.namespaces.contains(namespace) else {
                return .refuse(404, "there is nothing here")
            }
            return request.isUpgrade
                ? .upgrade(namespace: namespace) : .refuse(426, "this is a WebSocket: upgrade")
        }
    }

    /// The origin that may read the answer; `nil` if the request comes from no page, or from a wrong one.
    func allowedOrigin(_ origins: [String]) -> String? {
        guard origins.count == 1, let origin = origins.first, allows(origin) else { return nil }
        return origin
    }

    /// Whether a text is what browsers send as the origin of a page, or `*`.
    ///
    /// RFC 6454, section 7: a scheme, a host and perhaps a port, or `null`; no path, no `/` behind it. Pages
    /// of other schemes than the web's may have no host: `file://`.
    static func isOrigin(_ text: String) -> Bool {
        if text == "*" || text == "null" { return true }
        guard let mark = text.firstIndex(of: ":"), mark > text.startIndex else { return false }
        let scheme = text[..<mark]
        let rest = text[mark...].dropFirst("://".count)
        let isOfTheWeb = ["http", "https"].contains(scheme.lowercased())
        return text[mark...].hasPrefix("://") && !(isOfTheWeb && rest.isEmpty)
            && scheme.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0))
            }
            && rest.allSatisfy { $0.isASCII && !$0.isWhitespace && !"/?#@*".contains($0) }
    }

    private func allows(_ origin: String) -> Bool {
        allowedOrigins.contains("*") || allowedOrigins.contains(origin.lowercased())
    }

    private func refusal(origins: [String]) -> Verdict? {
        if origins.isEmpty || allowedOrigin(origins) != nil { return nil }
        return .refuse(
            403,
            "the origin \"\(origins.joined(separator: ", ").prefix(200))\" is not allowed"
        )
    }

    private func refusal(hosts: [String]) -> Verdict? {
        guard let loopbackNames else { return nil }
        if hosts.count == 1, let host = Self.name(of: hosts[0]), loopbackNames.contains(host) {
            return nil
        }
        return .refuse(
            403,
            "the host \"\(hosts.joined(separator: ", ").prefix(200))\" is not this machine: "
                + "use localhost, 127.0.0.1 or [::1]"
        )
    }

    /// The name in a `Host` header, without its port; `nil` if it is malformed.
    private static func name(of header: String) -> String? {
        var rest = header.lowercased()[...]
        let name: Substring
        if rest.first == "[" {
            guard let bracket = rest.firstIndex(of: "]") else { return nil }
            name = rest[rest.index(after: rest.startIndex)..<bracket]
            rest = rest[rest.index(after: bracket)...]
        } else {
            name = rest.prefix { $0 != ":" }
            rest = rest[name.endIndex...]
        }
        guard rest.isEmpty || rest.first == ":" && rest.dropFirst().allSatisfy(\.isWholeNumber)
        else { return nil }
        return String(name)
    }
}
