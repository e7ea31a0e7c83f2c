import LMStudioCore
import LMStudioWire
import Testing

@Suite struct UploadedFilesTests {
    private let files = UploadedFiles(maximumBytes: 100)

    @Test(arguments: [
        ("x.png", [0x89, 0x50, 0x4E, 0x47, 0], UploadedFiles.FileType.image, ".png"),
        ("a.JPG", [0xFF, 0xD8, 0xFF, 0xE0], .image, ".jpg"),
        ("a.pdf", Array("%PDF-1".utf8), .pdf, ".pdf"),
        ("a.docx", [0x50, 0x4B, 3, 4], .word, ".docx"),
        ("a.zip", [0x50, 0x4B, 3, 4, 0, 0xFF], .unknown, ".zip"),
        ("a.txt", Array("h\u{e4}".utf8), .plainText, ".txt"),
        ("a.py", Array("hi".utf8), .otherText, ".py"),
        ("noending", [], .plainText, ""),
        ("bytes.bin", [0, 1, 2, 0xFF], .unknown, ".bin"),
    ])
    func fileIsKeptByAnIdentifierOfItsOwn(
        name: String,
        content: [UInt8],
        type: UploadedFiles.FileType,
        ending: String
    ) throws {
        let file = try files.add(content, name: name)
        #expect(file.fileType == type.rawValue)
        #expect(file.name == name && file.sizeBytes == content.count)
        #expect(file.identifier.hasPrefix("local:") && file.identifier.hasSuffix(ending))
        let kept = try #require(files[file.identifier])
        #expect(kept.bytes == content)
        #expect(files[String(file.identifier.dropFirst(6))] == kept)
    }

    @Test(arguments: ["../x.png", "a/b", "a\\b", "..", ".", "", "c:x", "a\u{0}b"])
    func nameWithADirectoryIsRefused(name: String) {
        let error = #expect(throws: LMStudioError.self) {
            try files.add([1, 2], name: name)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func storeIsBounded() throws {
        let small = UploadedFiles(maximumBytes: 3)
        _ = try small.add([1, 2], name: "a")
        let error = #expect(throws: LMStudioError.self) {
            try small.add([1, 2], name: "b")
        }
        #expect(error?.message.contains("\"b\"") == true)
    }

    private func chat(_ file: ChatFile) -> Chat {
        Chat([.user("Look:"), ChatMessage(role: .user, content: [.file(file), .text("What?")])])
    }

    private func file(in chat: Chat) -> ChatFile? {
        if case .file(let file)? = chat.messages[1].content.first { file } else { nil }
    }

    @Test func chatsAreGivenTheBytesOfTheirFiles() throws {
        var file = try files.add([0xFF, 0xD8, 0xFF], name: "a.jpg")
        // What kind it is, the client need not know.
        file.fileType = "unknown"
        let found = try #require(self.file(in: try files.attached(to: chat(file))))
        #expect(found.content == [0xFF, 0xD8, 0xFF])
        #expect(found.fileType == "image")
        #expect(found.identifier == file.identifier)
    }

    @Test func bytesWithinTheIdentifierAreTaken() throws {
        let file = ChatFile(
            name: "a.jpg",
            identifier: "base64:/9j/",
            sizeBytes: 3,
            fileType: "image"
        )
        #expect(self.file(in: try files.attached(to: chat(file)))?.content == [0xFF, 0xD8, 0xFF])
    }

    @Test func bytesWithinIdentifiersCountToo() throws {
        let small = UploadedFiles(maximumBytes: 5)
        let file = ChatFile(
            name: "a.jpg",
            identifier: "base64:/9j/",
            sizeBytes: 3,
            fileType: "image"
        )
        _ = try small.attached(to: chat(file))
        let error = #expect(throws: LMStudioError.self) {
            try small.attached(to: Chat(chat(file).messages + chat(file).messages))
        }
        #expect(error?.message.contains("no room for \"a.jpg\"") == true)
        _ = try small.add([1, 2, 3], name: "b")
        #expect(throws: LMStudioError.self) { try small.attached(to: chat(file)) }
    }

    @Test(arguments: ["local:none.png", "none.png", "base64:%%", ""])
    func fileThatIsNotThereIsNamed(identifier: String) throws {
        let file = ChatFile(
            name: "photo.png",
            identifier: identifier,
            sizeBytes: 3,
            fileType: "image"
        )
        let error = #expect(throws: LMStudioError.self) { try files.attached(to: chat(file)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("photo.png") == true)
    }

    @Test func removedFilesMakeRoom() throws {
        let small = UploadedFiles(maximumBytes: 3)
        let file = try small.add([1, 2], name: "a")
        small.removeAll()
        #expect(small[file.identifier] == nil)
        _ = try small.add([1, 2, 3], name: "b")
    }
}
