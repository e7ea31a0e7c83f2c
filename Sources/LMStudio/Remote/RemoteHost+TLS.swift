import LMStudioCore
import NIOCore
import NIOSSL

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension RemoteHost {
    /// What speaks TLS, and trusts the authorities of a file beside the system's.
    static func tls(_ caFile: String?) throws(LMStudioError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let caFile {
            configuration.additionalTrustRoots = [.certificates(try certificates(of: caFile))]
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw LMStudioError(.internal, "TLS cannot be set up", underlyingError: error)
        }
    }

    /// The certificates of authorities in a file.
    ///
    /// - Throws: `.invalidArgument` if it cannot be read, or has none.
    static func certificates(of caFile: String) throws(LMStudioError) -> [NIOSSLCertificate] {
        let reason =
            access(caFile, R_OK) == 0
            ? "it holds no certificate in PEM form" : SystemError.words(errno).lowercased()
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(caFile) else {
            throw LMStudioError(
                .invalidArgument,
                "\(caFile.quoted(upTo: 200)) is no CA file: \(reason); give a PEM file of certificates"
            )
        }
        return certificates
    }
}

extension NIOSSLContext {
    /// Speaks TLS with a host, whose certificate must be for it.
    func handler(for host: String) throws -> NIOSSLClientHandler {
        // An address literal is checked against the certificate too, but is no SNI name.
        try NIOSSLClientHandler(
            context: self,
            serverHostname: SocketAddress.isLiteral(host) ? nil : host
        )
    }
}

extension SocketAddress {
    /// Whether a host is an IPv4 or IPv6 address rather than a name.
    fileprivate static func isLiteral(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }
}
