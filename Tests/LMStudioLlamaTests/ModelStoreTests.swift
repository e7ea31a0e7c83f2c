import Foundation
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

@Suite struct ModelStoreTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }
    private var store: ModelStore { ModelStore(directory: directory.path) }

    /// Puts a tiny model into the store.
    @discardableResult
    private func add(
        _ path: String,
        _ change: (inout GGUFWriter) -> Void = { _ in }
    ) throws -> String {
        var writer = TinyModel().writer()
        change(&writer)
        return try directory.write(writer.bytes(), to: path)
    }

    private func keys() throws -> [String] { try store.scan().map(\.info.modelKey) }

    // MARK: Scanning

    @Test func aMissingDirectoryHoldsNothing() throws {
        let store = ModelStore(directory: directory.path + "/missing")
        #expect(try store.scan().isEmpty)
        #expect(try store.survey().problems.isEmpty)
    }

    @Test func aFileIsNoStore() throws {
        let store = ModelStore(directory: try directory.write([], to: "file"))
        let error = #expect(throws: LMStudioError.self) { try store.scan() }
        #expect(error?.code == .invalidArgument)
    }

    @Test func describesAModel() throws {
        let file = try add("Alice/Tiny-Test-GGUF/Tiny-Test-F32.gguf") {
            $0.set("tokenizer.chat_template", .string("{{ tools }}"))
        }
        let model = try #require(try store.scan().first)
        #expect(model.file == file)
        #expect(model.files == [file])
        #expect(
            model.info
                == ModelInfo(
                    domain: .llm,
                    modelKey: "tiny-test",
                    displayName: "Tiny Test",
                    publisher: "Alice",
                    path: "Alice/Tiny-Test-GGUF/Tiny-Test-F32.gguf",
                    sizeBytes: Int64(TinyModel().bytes().count) + 64,
                    parameters: "40K",
                    architecture: "llama",
                    quantization: .init(name: "F32", bits: 32),
                    maxContextLength: 512,
                    hasChatTemplate: true,
                    vision: false,
                    trainedForToolUse: true
                )
        )
    }

    @Test func findsModelsAtOtherDepths() throws {
        try add("flat.gguf")
        try add("one/x.gguf")
        try add("a/b/c/d/deep.gguf")
        try add("a/b/c/d/e/f/too-deep.gguf")
        try add(".hidden/repo/x.gguf")
        try add("a/hidden/.x.gguf")
        try add("a/upper/X.GGUF")
        try directory.write([1], to: "a/b/README.md")
        #expect(try keys() == ["b", "flat", "one", "upper"])
    }

    @Test func followsLinksWithoutLoops() throws {
        try add("a/M-GGUF/m.gguf")
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: directory.path + "/a/loop",
            withDestinationPath: directory.path
        )
        try manager.createSymbolicLink(atPath: directory.path + "/b", withDestinationPath: "a")
        try manager.createSymbolicLink(
            atPath: directory.path + "/dangling.gguf",
            withDestinationPath: "nowhere"
        )
        #expect(try keys() == ["m"])
    }

    @Test func readsParametersAndQuantizationFromTheFile() throws {
        try add("a/M-GGUF/m.gguf") {
            $0.set("general.size_label", .string("8x7B"))
            $0.set("general.file_type", .uint32(15))
        }
        let info = try #require(try store.scan().first).info
        #expect(info.parameters == "8x7B")
        #expect(info.quantization == .init(name: "Q4_K_M", bits: 4))
    }

    @Test func otherPartsAreNoModels() throws {
        try add("a/M-GGUF/m.gguf")
        try add("a/M-GGUF/mmproj-m.gguf") { $0.set("general.type", .string("mmproj")) }
        try add("a/L-GGUF/lora.gguf") { $0.set("general.type", .string("adapter")) }
        try add("a/N-GGUF/n.gguf")
        let models = try store.scan()
        #expect(models.map(\.info.modelKey) == ["m", "n"])
        #expect(models.map(\.info.vision) == [true, false])
    }

    @Test func brokenFilesAreSkippedAndRemembered() throws {
        try add("a/Good-GGUF/good.gguf")
        let broken = try directory.write(Array("<html>".utf8), to: "a/Bad-GGUF/bad.gguf")
        let survey = try store.survey()
        #expect(survey.models.map(\.info.modelKey) == ["good"])
        #expect(survey.problems.count == 1)
        #expect(survey.problems[0].message.contains(broken))
    }

    @Test func aFileWithoutWeightsIsNoModel() throws {
        try add("a/M-GGUF/vocabulary.gguf") { $0.tensors = [] }
        let survey = try store.survey()
        #expect(survey.models.isEmpty)
        #expect(survey.problems.first?.message.contains("it holds no weights") == true)
    }

    @Test func noticesChangedFiles() throws {
        try add("a/M-GGUF/m.gguf")
        #expect(try store.scan().first?.info.maxContextLength == 512)
        try add("a/M-GGUF/m.gguf") { $0.set("llama.context_length", .uint32(64)) }
        #expect(try store.scan().first?.info.maxContextLength == 64)
        try FileManager.default.removeItem(atPath: directory.path + "/a/M-GGUF/m.gguf")
        #expect(try keys() == [])
    }

    // MARK: Split models

    private func addSplit(_ numbers: [Int], of count: Int) throws {
        for number in numbers {
            try add("a/M-GGUF/m-Q8_0-0000\(number)-of-0000\(count).gguf") {
                // Further parts say nothing of the model.
                if number > 1 { $0.metadata = [] }
                $0.set("split.count", .uint16(UInt16(count)))
                $0.set("split.no", .uint16(UInt16(number - 1)))
            }
        }
    }

    @Test func aSplitModelIsOneModel() throws {
        try addSplit([1, 2, 3], of: 3)
        let model = try #require(try store.scan().first)
        #expect(try keys() == ["m"])
        #expect(model.files.count == 3)
        #expect(model.file == model.files[0])
        #expect(model.file.hasSuffix("m-Q8_0-00001-of-00003.gguf"))
        #expect(model.info.sizeBytes > 3 * 160_000)
        #expect(model.info.parameters == "120K")
        _ = try model.validate()
        #expect(try store.find(model.files[2]) == model)
    }

    @Test func aMissingPartIsAnErrorWhenLoading() throws {
        try addSplit([1, 3], of: 3)
        let model = try #require(try store.scan().first)
        let error = try #require(throws: LMStudioError.self) { _ = try model.validate() }
        #expect(error.code == .modelNotFound)
        #expect(error.message.contains("m-Q8_0-00002-of-00003.gguf, part 2 of 3"))
    }

    @Test func aMissingFirstPartIsAProblem() throws {
        try addSplit([2, 3], of: 3)
        let survey = try store.survey()
        #expect(survey.models.isEmpty)
        #expect(survey.problems.count == 1)
        #expect(
            survey.problems[0].message.contains(
                "m-Q8_0-00001-of-00003.gguf, the first of the model's 3 parts, is missing"
            )
        )
    }

    @Test func aPartUnderAnotherNameIsRefused() throws {
        try add("a/M-GGUF/part.gguf") { $0.set("split.no", .uint16(1)) }
        try add("a/N-GGUF/first.gguf") { $0.set("split.count", .uint16(2)) }
        let survey = try store.survey()
        #expect(survey.problems.count == 1)
        let error = try #require(throws: LMStudioError.self) { _ = try survey.models[0].validate() }
        #expect(error.message.contains("part 1 of 2"))
    }

    // MARK: Where the store is

    @Test func theDirectoryIsAbsolute() throws {
        let home = try #require(ProcessInfo.processInfo.environment["HOME"])
        #expect(ModelStore(directory: "~/x/").directory == "\(home)/x")
        #expect(ModelStore(directory: "/a//b/./c/").directory == "/a/b/c")
        #expect(ModelStore(directory: "/").directory == "/")
        #expect(
            ModelStore(directory: "x").directory == FileManager.default.currentDirectoryPath + "/x"
        )
    }
}
