import LMStudioCore
import Testing

@Suite struct HostAddressTests {
    private static func server(
        _ host: String,
        _ port: Int = 1234,
        _ path: String = "",
        isSecure: Bool = false
    ) -> HostAddress {
        .server(host: host, port: port, path: path, isSecure: isSecure)
    }

    @Test(arguments: [
        ("localhost", server("localhost")),
        ("LOCALHOST", server("localhost")),
        ("local", server("local")),
        ("127.0.0.1:8080", server("127.0.0.1", 8080)),
        ("host:1", server("host", 1)),
        ("host:65535", server("host", 65535)),
        ("host:0080", server("host", 80)),
        ("  host:80\n", server("host", 80)),
        ("host/", server("host")),
        ("host///", server("host")),
        ("host:80/Prefix/", server("host", 80, "/Prefix")),
        ("ws://host", server("host")),
        ("WS://Host:80", server("host", 80)),
        ("http://host/a/b", server("host", 1234, "/a/b")),
        ("host/a%20b/~c;d=(e)", server("host", 1234, "/a%20b/~c;d=(e)")),
        ("wss://host:443/", server("host", 443, isSecure: true)),
        ("https://host", server("host", isSecure: true)),
        ("HTTPS://Host.Example:8443/V1", server("host.example", 8443, "/V1", isSecure: true)),
        ("[::1]", server("::1")),
        ("[::1]:8080", server("::1", 8080)),
        ("ws://[FE80::1]:80/lms", server("fe80::1", 80, "/lms")),
        ("::1", server("::1")),
        ("2001:db8::5", server("2001:db8::5")),
        ("local:", .local(models: nil)),
        (" local: ", .local(models: nil)),
        ("LOCAL:", .local(models: nil)),
        ("local:/srv/Models", .local(models: "/srv/Models")),
        ("Local:relative dir", .local(models: "relative dir")),
    ])
    func formIsRead(text: String, address: HostAddress) throws {
        #expect(try HostAddress(text) == address)
    }

    @Test(arguments: [
        "", "   ", ":1234", "host:", "host:0", "host:65536", "host:-1", "host:http",
        "host:99999999999999999999", "[::1", "[::1]x", "[::1]:", "[]:80", "ws://", "http:///path",
        "ho st", "host?query", "host#part", "ftp://host", "\"host\"", "<host>",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        let error = #expect(throws: LMStudioError.self) { try HostAddress(text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\"\(text)\"") == true)
    }

    @Test(arguments: [
        ("127.0.0.1:7731/a\r\nX: y", #""\r\n""#),
        ("host/a b", #"" ""#), ("http://host/\u{7F}", #""\u{7F}""#), ("wss://host/ä/b", #""ä""#),
        ("host/\u{0}", #""\0""#),
    ])
    func pathThatWouldMakeAnotherRequestIsRefused(text: String, character: String) {
        let error = #expect(throws: LMStudioError.self) { try HostAddress(text) }
        #expect(error?.code == .invalidArgument)
        let reason = "\(text.quoted) is not an address: its path has \(character)"
        #expect(error?.message.hasPrefix(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("ftp://x", "\"ftp://\" is not a scheme of servers"),
        ("ws://h:1/?a=b", "servers take no query or fragment"),
        ("host?q#z", "servers take no query or fragment"),
        ("ws://h:1/#f", "servers take no query or fragment"),
        ("host#part", "servers take no query or fragment"),
    ])
    func whatIsWrongIsNamed(text: String, reason: String) {
        let error = #expect(throws: LMStudioError.self) { try HostAddress(text) }
        #expect(error?.message.hasPrefix("\"\(text)\" is not an address: \(reason)") == true)
    }

    @Test(arguments: [
        ("user@host", "servers take no user"), ("ws://a:secret@host:1/a", "servers take no user"),
        ("secret:@secret@host", "servers take no user"),
        ("ws://a:secret/secret@host", "servers take no user"),
        ("ftp://a:secret@host", "not a scheme"),
    ])
    func aPasswordIsNotRepeated(text: String, reason: String) {
        let error = #expect(throws: LMStudioError.self) { try HostAddress(text) }
        #expect(error?.message.hasPrefix("\"…@host") == true)
        #expect(error?.message.contains("secret") == false)
        #expect(error?.message.contains(reason) == true)
    }

    @Test(arguments: ["host:+80", "host:1:2", "openai:http://host", "[host]:80", "::x"])
    func whatOnlyLooksLikeAnAddressIsRefused(text: String) {
        #expect(throws: LMStudioError.self) { try HostAddress(text) }
    }

    @Test(arguments: [
        "localhost", "wss://host:443/prefix", "http://[::1]:80", "local:", "local:/srv/models",
    ])
    func descriptionIsReadAsTheSameAddress(text: String) throws {
        let address = try HostAddress(text)
        #expect(try HostAddress(address.description) == address)
    }
}
