import NIOCore

extension SocketAddress {
    /// Whether only this machine reaches it: 127.0.0.0/8, also within IPv6, or ::1.
    ///
    /// The text somebody gave for it does not tell: `0x7f000001`, `127.5` and names mean it too.
    var isLoopback: Bool {
        spellings.contains { $0 == "::1" || $0.hasPrefix("127.") }
    }

    /// How the system writes an IP address, and if it is one of IPv4 within IPv6, how it writes that.
    var spellings: [String] {
        guard let ipAddress else { return [] }
        let prefix = "::ffff:"
        guard ipAddress.hasPrefix(prefix) else { return [ipAddress] }
        return [ipAddress, String(ipAddress.dropFirst(prefix.count))]
    }
}
