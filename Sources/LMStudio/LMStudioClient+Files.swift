public import LMStudioCore
package import LMStudioWire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension LMStudioClient {
    /// Most bytes of files that a client keeps for a host in this process; a server's default too.
    static let maximumFileBytes = 256 << 20

    /// Hands an image over, for chats.
    ///
    /// ```swift
    /// let image = try await client.prepareImage(bytes, name: "photo.jpeg")
    /// let question = ChatMessage(role: .user, content: [.text("What is this?"), .file(image)])
    /// print(try await model.respond(Chat([question])))
    /// ```
    ///
    /// - Parameters:
    ///   - content: the file's bytes: PNG, JPEG, WebP, GIF or BMP; a server may take more kinds.
    ///   - name: its name for people, without a directory.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: what stands for it in a chat, until the client is closed.
    /// - Throws: `.invalidArgument` for no bytes, a name with a directory, or if there is no room for it;
    ///   `.invalidState` if the client is closed; what a server says.
    public func prepareImage(
        _ content: [UInt8],
        name: String = "image",
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> ChatFile {
        guard !content.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "the file \(name.quoted(upTo: 255)) is empty; hand over an image"
            )
        }
        return try await limited(by: timeouts, doing: "handing over \"\(name)\"") {
            host throws(LMStudioError) in
            if let files = self.files(for: host) { return try files.add(content, name: name) }
            return try await host.upload(content, named: name)
        }
    }

    /// Reads an image from a file and hands it over, for chats.
    ///
    /// - Parameters:
    ///   - path: the file; its name is that of the image.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: what stands for it in a chat, until the client is closed.
    /// - Throws: `.invalidArgument` if the file cannot be read; as `prepareImage(_:name:timeouts:)`.
    public func prepareImage(
        at path: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> ChatFile {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try await prepareImage(try Self.read(path), name: name, timeouts: timeouts)
    }

    private static func read(_ path: String) throws(LMStudioError) -> [UInt8] {
        func failure() -> LMStudioError {
            LMStudioError(
                .invalidArgument,
                "the file \(path) cannot be read: \(SystemError.words(errno))"
            )
        }
        guard let file = fopen(path, "rb") else { throw failure() }
        defer { fclose(file) }
        var content: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                count = fread(buffer.baseAddress, 1, buffer.count, file)
            }
            content += piece
            if piece.isEmpty || content.count > maximumFileBytes { break }
        }
        guard ferror(file) == 0 else { throw failure() }
        return content
    }

    /// Where files go that are meant for a host; `nil`: to the host.
    package func files(for host: any ModelHost) -> UploadedFiles? {
        host.readsFileContent ? files : nil
    }

    /// A chat as a host wants it: with its files' bytes, or without.
    func attached(to chat: Chat, for host: any ModelHost) throws(LMStudioError) -> Chat {
        try files(for: host)?.attached(to: chat) ?? chat
    }

    /// A request as a host wants it.
    func attached(
        to request: PredictionRequest,
        for host: any ModelHost
    ) throws(LMStudioError) -> PredictionRequest {
        guard case .chat(let chat) = request.input else { return request }
        var request = request
        request.input = .chat(try attached(to: chat, for: host))
        return request
    }
}
