package import LMStudioCore
import Synchronization

/// The files that one client sent, as long as it is connected.
package final class UploadedFiles: Sendable {
    /// One file.
    package struct File: Sendable, Hashable {
        /// What the client names it by: `local:` and a random name.
        package let identifier: String
        /// What kind of file it is.
        package let type: FileType
        /// Its content.
        package let bytes: [UInt8]
    }

    /// Kinds of files; the raw values are LM Studio's.
    package enum FileType: String, Sendable {
        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        case image, unknown
        case plainText = "text/plain"
        case pdf = "application/pdf"
        case word = "application/word"
        case otherText = "text/other"
    }

    private struct State: ~Copyable {
        var files: [String: File] = [:]
        var totalBytes = 0
    }

    private let maximumBytes: Int
    private let state = Mutex(State())

    /// Makes an empty store.
    ///
    /// - Parameter maximumBytes: most that it holds, all files together.
    package init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// The file of an identifier; `nil` if there is none.
    package subscript(_ identifier: String) -> File? {
        // Without a colon it means a local file.
        let name = identifier.contains(":") ? identifier : "local:" + identifier
        return state.withLock { $0.files[name] }
    }

    /// Lets go of all files.
    package func removeAll() {
        state.withLock { $0 = State() }
    }

    /// Keeps a file.
    ///
    /// - Parameters:
    ///   - bytes: its content.
    ///   - name: its name, without a directory; only its ending counts.
    /// - Returns: what stands for it, with its new identifier.
    /// - Throws: `.invalidArgument` for a name with a directory, or if there is no room for it.
    package func add(_ bytes: [UInt8], name: String) throws(LMStudioError) -> ChatFile {
        try Self.check(name)
        let ending = Self.ending(of: name)
        let random = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        let file = File(
            identifier: "local:" + random + (ending.isEmpty ? "" : "." + ending),
            type: Self.type(of: bytes, ending: ending),
            bytes: bytes
        )
        let hasRoom = state.withLock { state in
            guard state.totalBytes + bytes.count <= maximumBytes else { return false }
            state.totalBytes += bytes.count
            state.files[file.identifier] = file
            return true
        }
        guard hasRoom else { throw noRoom(for: name, bytes.count) }
        return ChatFile(
            name: name,
            identifier: file.identifier,
            sizeBytes: bytes.count,
            fileType: file.type.rawValue
        )
    }

    private func noRoom(for name: String, _ count: Int) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "no room for \"\(name.prefix(255))\" (\(count) bytes): this client's files may have "
                + "\(maximumBytes) bytes together; close the connection to let go of them"
        )
    }

    /// A chat whose files have their bytes.
    ///
    /// - Throws: `.invalidArgument` naming a file that is not there, or for which there is no room
    ///   where the chat itself brings it.
    package func attached(to chat: Chat) throws(LMStudioError) -> Chat {
        var chat = chat
        var room = maximumBytes - state.withLock { $0.totalBytes }
        for (index, message) in chat.messages.enumerated() {
            for (place, part) in message.content.enumerated() {
                guard case .file(var file) = part, file.content == nil else { continue }
                try attach(to: &file, &room)
                chat.messages[index].content[place] = .file(file)
            }
        }
        return chat
    }

    private func attach(to file: inout ChatFile, _ room: inout Int) throws(LMStudioError) {
        let inline = "base64:"
        if file.identifier.hasPrefix(inline) {
            let text = String(file.identifier.dropFirst(inline.count))
            let bytes = try Base64.decode(text, of: file.name)
            room -= bytes.count
            guard room >= 0 else { throw noRoom(for: file.name, bytes.count) }
            file.fileType = Self.type(of: bytes, ending: Self.ending(of: file.name)).rawValue
            file.content = bytes
        } else if let known = self[file.identifier] {
            file.fileType = known.type.rawValue
            file.content = known.bytes
        } else {
            throw LMStudioError(
                .invalidArgument,
                "there is no file \"\(file.identifier.prefix(255))\" (\"\(file.name.prefix(255))\") here: files "
                    + "last as long as the client that handed them over; hand it over again"
            )
        }
    }

    private static func check(_ name: String) throws(LMStudioError) {
        guard !name.isEmpty, name.utf8.count <= 255, name != ".", name != "..",
            !name.utf8.contains(where: { $0 < 0x20 || "/\\:".utf8.contains($0) })
        else {
            throw LMStudioError(
                .invalidArgument,
                "\"\(name.prefix(255))\" is not a file name; give one without a directory, at most "
                    + "255 bytes long"
            )
        }
    }

    /// Letters and digits behind the last dot, in lower case.
    private static func ending(of name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        let ending = name[name.index(after: dot)...].lowercased()
        return ending.utf8.count <= 16
            && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } ? ending : ""
    }

    /// The kind by the first bytes, and for text by the name's ending.
    private static func type(of bytes: [UInt8], ending: String) -> FileType {
        func begins(_ start: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + start.count
                && bytes[offset..<(offset + start.count)].elementsEqual(start)
        }
        let isImage =
            begins([0x89, 0x50, 0x4E, 0x47]) || begins([0xFF, 0xD8, 0xFF])
            || begins(Array("GIF8".utf8)) || begins(Array("BM".utf8))
            || begins([0x49, 0x49, 0x2A, 0]) || begins([0x4D, 0x4D, 0, 0x2A])
            || begins(Array("RIFF".utf8)) && begins(Array("WEBP".utf8), at: 8)
        if isImage { return .image }
        if begins(Array("%PDF-".utf8)) { return .pdf }
        if begins([0x50, 0x4B, 3, 4]) && ending == "docx" { return .word }
        if begins([0xD0, 0xCF, 0x11, 0xE0]) && ending == "doc" { return .word }
        // A character may be cut at the end of what is looked at.
        let start = bytes.prefix(4096)
        let isText =
            !start.contains(0)
            && (0...min(3, start.count)).contains {
                String(validating: start.dropLast($0), as: UTF8.self) != nil
            }
        guard isText else { return .unknown }
        return ["", "txt", "text", "log"].contains(ending) ? .plainText : .otherText
    }
}
