import Foundation
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

@Suite struct ModelStoreFindTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }
    private var store: ModelStore { ModelStore(directory: directory.path + "/models") }

    private func add(_ paths: String...) throws {
        for path in paths {
            let name = ModelKey.quantization(fileName: path)
            var writer = TinyModel().writer()
            writer.set("general.file_type", .uint32(name == "Q8_0" ? 7 : name == "Q4_K_M" ? 15 : 0))
            try directory.write(writer.bytes(), to: "models/\(path)")
        }
    }

    private func failure(_ name: String) throws -> LMStudioError {
        try #require(throws: LMStudioError.self) { try store.find(name) }
    }

    @Test(arguments: [
        "tiny-chat", "Tiny-Chat", "Alice/Tiny-Chat-GGUF/Tiny-Chat.gguf",
        "alice/tiny-chat-gguf/tiny-chat.gguf",
        "./Alice/Tiny-Chat-GGUF", "Alice/Tiny-Chat-GGUF/", "Alice", "alice/tiny", "chat",
        "Alice/../Alice/Tiny-Chat-GGUF",
    ])
    func findsAModel(_ name: String) throws {
        try add("Alice/Tiny-Chat-GGUF/Tiny-Chat.gguf", "Bob/Other-GGUF/Other.gguf")
        #expect(try store.find(name).info.modelKey == "tiny-chat")
    }

    @Test func findsVariants() throws {
        try add("a/M-GGUF/M-Q8_0.gguf", "a/M-GGUF/M-Q4_K_M.gguf", "a/M-GGUF/M-F32.gguf")
        #expect(try store.find("m").info.modelKey == "m@q4_k_m")
        #expect(try store.find("M@Q8_0").info.modelKey == "m@q8_0")
        #expect(try store.find("q8").info.modelKey == "m@q8_0")
        #expect(try store.find("a/M-GGUF").info.modelKey == "m@q4_k_m")
        #expect(try store.find("a/M-GGUF/M-F").info.modelKey == "m@f32")
    }

    @Test func aWholeKeyOrDirectoryComesBeforeABeginning() throws {
        try add("a/M/M.gguf", "a/M-2/M-2.gguf")
        #expect(try store.find("m").info.modelKey == "m")
        #expect(try store.find("a/m").info.modelKey == "m")
    }

    @Test func findsFilesAnywhere() throws {
        try add("a/M-GGUF/M.gguf")
        let outside = try directory.write(
            TinyModel().bytes(),
            to: "else where/Some-Model-Q8_0.gguf"
        )
        let model = try store.find(outside)
        #expect(model.file == outside)
        #expect(model.info.path == outside)
        #expect(model.info.publisher == "local")
        #expect(model.info.modelKey == "some-model")
        #expect(model.info.displayName == "Some Model")
        _ = try model.validate()
        #expect(try store.find(directory.path + "/models/a/M-GGUF/M.gguf").info.modelKey == "m")
        #expect(try store.find(directory.path + "/models/a/M-GGUF").info.modelKey == "m")
    }

    @Test func anotherProgramHasTheModelsOfTheStoreOnly() throws {
        try add("a/M-GGUF/M.gguf")
        let outside = try directory.write(TinyModel().bytes(), to: "N-GGUF/N.gguf")
        try Peer.$isAsking.withValue(true) {
            #expect(try store.find(directory.path + "/models/a/M-GGUF/M.gguf").info.modelKey == "m")
            for name in [outside, "/etc/passwd", "~/.profile", "../../etc/passwd"] {
                let error = try failure(name)
                #expect(error.code == .modelNotFound)
                #expect(error.message.hasPrefix("there is no model \"\(name)\" in "))
            }
        }
    }

    @Test func aLinkToAStoredFileIsTheStoredModel() throws {
        try add("a/M-GGUF/M.gguf")
        let link = directory.path + "/link.gguf"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: directory.path + "/models/a/M-GGUF/M.gguf"
        )
        #expect(try store.find(link).info.modelKey == "m")
    }

    @Test func tellsWhatIsThere() throws {
        try add("a/Tiny-Chat-GGUF/x.gguf", "a/Other-GGUF/x.gguf")
        let error = try failure("tiny-chta")
        #expect(error.code == .modelNotFound)
        for part in [
            "\"tiny-chta\"", "did you mean tiny-chat?", "other, tiny-chat", store.directory,
        ] {
            #expect(error.message.contains(part))
        }
    }

    @Test func refusesAmbiguousNames() throws {
        try add("a/Tiny-Chat-GGUF/x.gguf", "a/Tiny-Code-GGUF/x.gguf")
        for name in ["tiny", "a", "a/tiny"] {
            let error = try failure(name)
            #expect(error.code == .modelNotFound)
            #expect(error.message.contains("tiny-chat, tiny-code"))
        }
    }

    @Test(arguments: ["", "a\0b", "../secret", "a/../../secret.gguf", ".."])
    func refusesImpossibleNames(_ name: String) throws {
        try add("a/M-GGUF/M.gguf")
        #expect(try failure(name).code == .invalidArgument)
    }

    @Test(arguments: ["/nonexistent/x.gguf", "~/nonexistent/x.gguf", "x.gguf", "/", "/dev/null"])
    func refusesPathsWithoutAModel(_ name: String) throws {
        try add("a/M-GGUF/M.gguf")
        let code = try failure(name).code
        #expect(code == .modelNotFound || name == "/dev/null" && code == .invalidArgument)
    }

    @Test func aBrokenFileIsNotMissing() throws {
        try add("a/M-GGUF/M.gguf")
        let path = try directory.write(Array("<html>".utf8), to: "models/a/Bad-GGUF/Bad-Q8_0.gguf")
        for name in [path, "bad", "Bad", "a/Bad-GGUF", "a/Bad-GGUF/Bad-Q8_0.gguf"] {
            let error = try failure(name)
            #expect(error.code == .engine)
            #expect(error.message.contains("it is not a GGUF file"))
        }
        #expect(try failure("else").message.contains("1 of its files cannot be used"))
    }

    @Test func aPartForAModelIsNoModel() throws {
        var writer = TinyModel().writer()
        writer.set("general.type", .string("adapter"))
        let path = try directory.write(writer.bytes(), to: "lora.gguf")
        let error = try failure(path)
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("adapter"))
    }

    // MARK: The default

    @Test func theOnlyModelIsTheDefault() throws {
        try add("a/M-GGUF/M-Q8_0.gguf", "a/M-GGUF/M-Q4_K_M.gguf")
        #expect(try store.defaultModel().info.modelKey == "m@q4_k_m")
    }

    @Test func theStarterModelIsTheDefaultAmongSeveral() throws {
        try add("a/M-GGUF/M.gguf", ModelStore.starterPath)
        #expect(try store.defaultModel().info.modelKey == ModelStore.starterKey)
    }

    @Test func severalModelsNeedAName() throws {
        try add("a/M-GGUF/M.gguf", "a/N-GGUF/N.gguf")
        let error = try #require(throws: LMStudioError.self) { try store.defaultModel() }
        #expect(error.code == .modelNotFound)
        #expect(error.message.contains("m, n"))
    }

    @Test func noModelAtAllSaysWhatToDo() throws {
        try directory.write(Array("<html>".utf8), to: "models/a/Bad-GGUF/Bad-Q8_0.gguf")
        for error in [
            try #require(throws: LMStudioError.self) { try store.defaultModel() },
            try failure("some"),
        ] {
            #expect(error.code == .modelNotFound)
            for part in [
                store.directory, "make demo", "LMSTUDIO_MODELS_DIR", "it is not a GGUF file",
            ] {
                #expect(error.message.contains(part))
            }
        }
    }
}
