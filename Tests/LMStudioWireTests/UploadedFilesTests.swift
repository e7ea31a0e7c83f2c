import LMStudioCore
import LMStudioWire
import Testing

@Suite struct UploadedFilesTests {
    private let files = UploadedFiles(maximumBytes: 100)

    @Test(arguments: [
        ("x.png", "iVBORyBmYWtl", UploadedFiles.FileType.image, ".png"),
        ("a.JPG", "/9j/4A==", .image, ".jpg"),
        ("a.pdf", "JVBERi0x", .pdf, ".pdf"),
        ("a.docx", "UEsDBA==", .word, ".docx"),
        ("a.zip", "UEsDBAD/", .unknown, ".zip"),
        ("a.txt", "aMOk", .plainText, ".txt"),
        ("a.py", "aGk=", .otherText, ".py"),
        ("noending", "", .plainText, ""),
        ("bytes.bin", "AAEC/w==", .unknown, ".bin"),
    ])
    func fileIsKeptByAnIdentifierOfItsOwn(
        name: String,
        base64: String,
        type: UploadedFiles.FileType,
        ending: String
    ) throws {
        let file = try files.add(base64: base64, name: name)
        #expect(file.type == type)
        #expect(file.identifier.hasPrefix("local:") && file.identifier.hasSuffix(ending))
        #expect(files[file.identifier] == file)
        #expect(files[String(file.identifier.dropFirst(6))] == file)
    }

    @Test(arguments: ["../x.png", "a/b", "a\\b", "..", ".", "", "c:x", "a\u{0}b"])
    func nameWithADirectoryIsRefused(name: String) {
        let error = #expect(throws: LMStudioError.self) {
            try files.add(base64: "aGk=", name: name)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func contentThatIsNoBase64IsRefused() {
        #expect(throws: LMStudioError.self) { try files.add(base64: "%%", name: "x") }
    }

    @Test func storeIsBounded() throws {
        let small = UploadedFiles(maximumBytes: 3)
        _ = try small.add(base64: "aGk=", name: "a")
        let error = #expect(throws: LMStudioError.self) {
            try small.add(base64: "aGk=", name: "b")
        }
        #expect(error?.message.contains("\"b\"") == true)
    }
}
